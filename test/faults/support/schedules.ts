// Schedules that a fault makes by the API, as anybody would, and what their history says of each slot.
import type { Stage } from './stage.ts'

/** Its slots lie on the multiples of `everyMs`, later by `offsetMs`, so that a fault can reckon them without k1n. */
export interface Schedule {
  readonly id: string
  readonly everyMs: number
  readonly offsetMs: number
  /** Slots up to this moment are none of its own, in epoch ms. */
  readonly since: number
}

export interface WantedSchedule {
  id: string
  everyMs: number
  offsetMs?: number
  /** The same times told in another way: as a `cron` of seconds, for which `everyMs` must divide a minute. */
  as?: 'interval' | 'cron'
  takesMs?: number
  /** Further members of the definition. */
  more?: Record<string, unknown>
}

/** An entry of a schedule's history. */
export interface Run {
  id: string
  status: string
  scheduled_for: string
  /** When its job may start. */
  planned_at: string | null
  until: string | null
  skipped: string | null
}

export const pathOf = (id: string): string => `/api/v2/scheduler/schedules/${id}`

/** What the payload of each slot's job calls it. */
export const keyOf = (id: string, slot: number): string => `${id}.${slot}`

/** A definition whose jobs take their time and are called after their slot. */
export const definitionOf = (wanted: WantedSchedule): Record<string, unknown> => ({
  name: wanted.id,
  job_name: 'fault.work',
  data: { key: '{{schedule.id}}.{{slot.ms}}', takes_ms: wanted.takesMs ?? 50 },
  trigger: triggerOf(wanted),
  ...wanted.more,
})

const triggerOf = ({ everyMs, offsetMs = 0, as }: WantedSchedule): Record<string, unknown> => {
  if (as !== 'cron') return { type: 'interval', every_ms: everyMs, offset_ms: offsetMs }
  const seconds = Array.from({ length: 60_000 / everyMs }, (_, n) => (n * everyMs + offsetMs) / 1_000)
  return { type: 'cron', expression: `${seconds.join()} * * * * *` }
}

export const makeSchedule = async (stage: Stage, wanted: WantedSchedule): Promise<Schedule> => {
  const { status, body } = await stage.client.call('PUT', pathOf(wanted.id), definitionOf(wanted))
  if (status !== 201) throw new Error(`the schedule ${wanted.id} was not made: ${status} ${JSON.stringify(body)}`)
  const { id, everyMs, offsetMs = 0 } = wanted
  return { id, everyMs, offsetMs, since: Date.parse(String(body['created_at'])) }
}

export const pauseSchedule = async ({ client }: Stage, id: string): Promise<void> => {
  const { status } = await client.call('POST', `${pathOf(id)}/pause`)
  if (status !== 200) throw new Error(`the schedule ${id} was not paused: ${status}`)
}

/** All that the API tells of what it did. */
export const historyOf = async ({ client }: Stage, id: string): Promise<Run[]> => {
  const found: Run[] = []
  for (let cursor = ''; ;) {
    const { status, body } = await client.call('GET', `${pathOf(id)}/runs?limit=200${cursor}`)
    if (status !== 200) throw new Error(`the history of ${id} was not told: ${status}`)
    const { data, page } = body as { data?: Run[]; page?: { next_cursor: string | null } }
    found.push(...(data ?? []))
    if (page?.next_cursor == null) return found
    cursor = `&cursor=${encodeURIComponent(page.next_cursor)}`
  }
}

/** Its slots after one moment and up to another. */
export const slotsOf = ({ everyMs, offsetMs, since }: Schedule, until: number, after = since): number[] => {
  const first = Math.floor((after - offsetMs) / everyMs + 1) * everyMs + offsetMs
  return Array.from({ length: Math.max(0, Math.floor((until - first) / everyMs) + 1) }, (_, n) => first + n * everyMs)
}
