// A process without Redis: it goes on from the last state it knew, by the same rules, for itself.
import type { Kernel } from '../kernel/kernel.ts'
import { newCircuit } from './circuit.ts'
import type { Circuit } from './circuit.ts'
import type { BreakerView } from './line.ts'
import { step } from './policy.ts'
import type { Command, Step } from './policy.ts'
import type { BreakerConfig } from './words.ts'

/** Generations of one process alone are below zero, so that none is ever taken for one of the fleet's. */
let generation = 0

/** A breaker of this process's own that begins where the fleet's was. */
export const goAlone = ({ state, sinceMs, untilMs }: BreakerView): Circuit => ({
  ...newCircuit(),
  state,
  gen: --generation,
  since: sinceMs,
  ends: untilMs,
})

/** Each process sends one probe where the fleet would send a few in all. */
export const decideAlone = (
  circuit: Circuit,
  command: Command,
  config: BreakerConfig,
  { clock, random }: Kernel,
): Step =>
  step(circuit, command, {
    config: { ...config, half_open_max: 1 },
    now: clock.now(),
    random: random(),
    // What a service asked for holds calls back by itself, in this process too.
    pausedUntil: 0,
    next: () => --generation,
  })
