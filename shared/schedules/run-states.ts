// What came of many schedules so far, for lists: how often each ran, and how its last run went.
import { z } from 'zod'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { ScheduleLastRun } from './contract.ts'
import type { ScheduleRecord } from './definition.ts'
import { scheduleKeys } from './keys.ts'
import { RunOutcome } from './run-words.ts'

export interface RunState {
  readonly lastRun: ScheduleLastRun | null
  readonly runs: number
  readonly skipped: number
}

export const NOTHING_RAN: RunState = { lastRun: null, runs: 0, skipped: 0 }

/** What is known of each schedule, in their order. Two round trips however many they are. */
export const readRunStates = async (
  kernel: Kernel,
  records: readonly Pick<ScheduleRecord, 'id' | 'createdAt'>[],
): Promise<RunState[]> => {
  const keys = scheduleKeys(kernel)
  const states = await hmgetMany(
    kernel,
    records.map(({ id }) => [keys.state(id), ...FIELDS]),
  )
  const lasts = states.map(([, , , last]) => read(Last, last)?.key ?? '')
  const runs = await hmgetMany(kernel, records.map(({ id }, n) => [keys.runs(id), lasts[n] ?? '', `${lasts[n] ?? ''}:ended`])) // prettier-ignore
  return records.map(({ createdAt }, index) => {
    const [made, count, skipped] = states[index] ?? []
    // The state of another schedule that had this id is none.
    if (made !== String(createdAt)) return NOTHING_RAN
    const [run, ended] = runs[index] ?? []
    return { lastRun: lastRunOf(run, ended), runs: Number(count ?? 0), skipped: Number(skipped ?? 0) }
  })
}

const FIELDS = ['made', 'runs', 'skipped', 'last_run']

type Texts = (string | null | undefined)[]

const hmgetMany = async ({ redis }: Kernel, asked: readonly string[][]): Promise<Texts[]> => {
  if (asked.length === 0) return []
  const pipeline = redis.pipeline()
  for (const [key = '', ...fields] of asked) pipeline.hmget(key, ...fields)
  return ((await pipeline.exec()) ?? []).map(([error, texts]) => {
    if (error) throw error
    return texts as Texts
  })
}

const lastRunOf = (run: Texts[number], ended: Texts[number]): ScheduleLastRun | null => {
  const made = read(Run, run)
  if (made === undefined) return null
  const outcome = read(Ended, ended)?.outcome ?? null
  return { scheduled_for: toIso(made.scheduled_for), task_id: made.task_id ?? null, outcome }
}

const Last = z.object({ key: z.string() })
const Run = z.object({ scheduled_for: z.number(), task_id: z.string().optional() })
const Ended = z.object({ outcome: RunOutcome })

/** What this version of k1n can read; undefined for anything else. */
const read = <Schema extends z.ZodType>(schema: Schema, text: Texts[number]): z.output<Schema> | undefined => {
  try {
    return text ? schema.safeParse(JSON.parse(text)).data : undefined
  } catch {
    return undefined
  }
}
