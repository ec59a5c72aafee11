// Runs one fault from set-up to verdict, and takes everything down again whatever happened.
import type { AnyFault, Figure } from './fault.ts'
import { round } from './support/figures.ts'
import type { Evidence } from './support/evidence.ts'
import { gather } from './support/gather.ts'
import { openGround } from './support/ground.ts'
import { judge } from './support/oracle.ts'
import type { Violation } from './support/oracle.ts'

export interface FaultReport {
  id: string
  title: string
  seed: number
  seconds: number
  verdict: 'held' | 'broken' | 'skipped'
  /** Why it was skipped. */
  because?: string
  violations: Violation[]
  figures: Figure[]
  /** Where ledgers and logs are, when promises were broken. */
  dir?: string
}

/** A fault that has not ended by then is broken off, in ms. */
const LIMIT_MS = 140_000

export const runFault = async (fault: AnyFault, seed: number): Promise<FaultReport> => {
  const about = { id: fault.id, title: fault.title, seed }
  const because = await fault.cannotRun?.()
  if (because !== undefined) return { ...about, seconds: 0, verdict: 'skipped', because, violations: [], figures: [] }
  const ground = openGround(fault.id, seed)
  const began = performance.now()
  const found = await Promise.race([play(fault, ground), tooLong()]).catch((error: unknown) => failed(error))
  const violations = [...found.violations, ...found.figures.flatMap(missed)]
  const isBroken = violations.length > 0
  await ground.close(isBroken)
  return {
    ...about,
    seconds: Math.round((performance.now() - began) / 100) / 10,
    verdict: isBroken ? 'broken' : 'held',
    violations,
    figures: found.figures,
    ...(isBroken ? { dir: ground.dir } : {}),
  }
}

type Found = Pick<FaultReport, 'violations' | 'figures'>

const play = async (fault: AnyFault, ground: ReturnType<typeof openGround>): Promise<Found> => {
  const stage = await fault.setup(ground)
  await fault.load(stage)
  await fault.inject(stage)
  await fault.heal(stage)
  const evidence = await gather(stage)
  return {
    violations: [...judge(evidence, fault.allowances?.(stage)), ...fault.oracle(stage, evidence)],
    figures: [...extent(evidence), ...fault.figures(stage, evidence)],
  }
}

/** How much there was to judge: a fault under which nothing happened proves nothing. */
const extent = ({ acks, executions, heard, memory }: Evidence): Figure[] => [
  { name: 'jobs accepted', value: acks.filter(({ told }) => told === 'accepted').length, unit: '', least: 10 },
  { name: 'runs', value: executions.length, unit: '', least: 10 },
  { name: 'facts heard', value: heard?.ids.length ?? 0, unit: '', least: 10 },
  ...memory.map(({ name, beforeBytes, afterBytes }) => ({
    name: `${name} needs more memory by`,
    value: round((afterBytes - beforeBytes) / 2 ** 20),
    unit: `MB than ${round(beforeBytes / 2 ** 20)}`,
  })),
]

const failed = (error: unknown): Found => ({
  violations: [{ rule: 'special', text: error instanceof Error ? (error.stack ?? error.message) : String(error) }],
  figures: [],
})

const tooLong = (): Promise<Found> =>
  new Promise((_resolve, reject) =>
    setTimeout(() => reject(new Error(`it did not end within ${LIMIT_MS / 1_000} s`)), LIMIT_MS).unref(),
  )

const missed = ({ name, value, unit, most, least }: Figure): Violation[] => {
  const text = `${name} is ${value} ${unit}`
  if (!Number.isFinite(value)) return [{ rule: 'special', text: `${name} could not be measured` }]
  if (most !== undefined && value > most) return [{ rule: 'special', text: `${text}, at most ${most} was promised` }]
  if (least !== undefined && value < least)
    return [{ rule: 'special', text: `${text}, at least ${least} was promised` }]
  return []
}
