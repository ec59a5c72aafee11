// What a fault is: how the stage is set, what runs on it, what breaks, how it heals, and what must hold after.
import type { Evidence } from './support/evidence.ts'
import type { Ground } from './support/ground.ts'
import type { Allowances, Violation } from './support/oracle.ts'
import type { Stage } from './support/stage.ts'

/** A number worth keeping; one beyond its target is a broken promise. */
export interface Figure {
  name: string
  value: number
  unit: string
  most?: number
  least?: number
}

export interface Fault<S extends Stage = Stage> {
  /** `F01`, as in the programme. */
  id: string
  title: string
  /** `short` ones are part of `npm test`. */
  lane: 'short' | 'long'
  /** Why it cannot run on this machine, when it cannot. */
  cannotRun?: () => Promise<string | undefined>
  setup(ground: Ground): Promise<S>
  /** Resolves when the load is steady. */
  load(stage: S): Promise<void>
  inject(stage: S): Promise<void>
  /** Resolves when nothing is broken any more. */
  heal(stage: S): Promise<void>
  /** What of the general rules this fault excuses; nothing unless given. */
  allowances?(stage: S): Allowances
  /** What must hold beside the general rules. */
  oracle(stage: S, evidence: Evidence): Violation[]
  figures(stage: S, evidence: Evidence): Figure[]
}

/** A fault of which only the steps can be called, whatever its stage holds beside the common. */
export type AnyFault = Omit<Fault, 'load' | 'inject' | 'heal' | 'allowances' | 'oracle' | 'figures'> & {
  load(stage: Stage): Promise<void>
  inject(stage: Stage): Promise<void>
  heal(stage: Stage): Promise<void>
  allowances?(stage: Stage): Allowances
  oracle(stage: Stage, evidence: Evidence): Violation[]
  figures(stage: Stage, evidence: Evidence): Figure[]
}

/** Declares a fault whose steps share what its `setup` answers. */
export const fault = <S extends Stage>(declared: Fault<S>): AnyFault => declared

/** A broken special promise. */
export const broken = (text: string): Violation => ({ rule: 'special', text })
