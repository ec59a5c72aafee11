// Where the state and the history of schedules are: names of our keys.
import { hashId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'

/** Ages of what is kept. */
export const HISTORY_AGE_S = 30 * 24 * 60 * 60
export const FIGURES_AGE_S = 2 * 24 * 60 * 60

export const minuteOf = (ms: number): number => Math.floor(ms / 60_000)

export interface ScheduleKeys {
  /** Version of each record, and the channel that tells what changed; the store's. */
  readonly versions: string
  readonly changed: string
  /** Schedules by when to look at them. */
  readonly due: string
  /** Schedules by their next slot. */
  readonly next: string
  /** The version of each schedule that was last acted on. */
  readonly heard: string
  /** `1` for each schedule that has a slot waiting for a job to end. */
  readonly awaited: string
  /** `<id> <key of a run>` of all schedules, by time. */
  readonly history: string
  state(id: string): string
  /** Claimed slots whose jobs are not told of yet: the claim as JSON by the run's key. */
  open(id: string): string
  /** Addresses of jobs beside which no other may run. */
  running(id: string): string
  /** Runs: what set each off as JSON by its key; `<key>:began` and `<key>:ended` what became of it. */
  runs(id: string): string
  /** The keys of runs by time. */
  order(id: string): string
  /** Which claim gathers the events of a key until it is quiet. */
  quiet(id: string): string
  /** Whom the throttle of a key let in last. */
  throttle(id: string, alike: string): string
  /** The run that an event of the last 24 hours became part of; empty when it was passed over. */
  reacted(id: string, eventId: string): string
  /** Figures of a minute. */
  minute(no: number): string
}

export const scheduleKeys = (kernel: Kernel): ScheduleKeys => {
  const key = (...parts: (string | number)[]): string => kernel.key('schedules', ...parts)
  return {
    versions: key('versions'),
    changed: key('changed'),
    due: key('due'),
    next: key('next'),
    heard: key('heard'),
    awaited: key('awaited'),
    history: key('history'),
    state: (id) => key('state', id),
    open: (id) => key('open', id),
    running: (id) => key('running', id),
    runs: (id) => key('runs', id),
    order: (id) => key('order', id),
    quiet: (id) => key('quiet', id),
    throttle: (id, alike) => key('throttle', id, alike),
    reacted: (id, eventId) => key('reacted', id, hashId(24, eventId)),
    minute: (no) => key('minute', no),
  }
}

/** The id of a job that a schedule made: `s_<schedule>_<what>`. */
export const jobIdOf = (scheduleId: string, key: string): string => `s_${scheduleId}_${key}`

/** Whose a job is, and which of its runs; undefined for jobs of nobody's schedule. */
export const runOfJob = (jobId: string): { scheduleId: string; key: string } | undefined => {
  const [, scheduleId, key] = /^s_([a-z0-9.-]{1,64})_([a-z0-9-]{1,64})$/.exec(jobId) ?? []
  return scheduleId === undefined || key === undefined ? undefined : { scheduleId, key }
}

/** The newest slot that an entry of the history tells by its key, as one run or as slots in a row; undefined for other entries. */
export const newestSlotOf = (key: string): number | undefined => slotOfKey(key.replace(/^x\d{1,15}-/, ''))

/** The slot that a run's key tells; undefined for runs that somebody or some event set off. */
export const slotOfKey = (key: string): number | undefined => (/^\d{1,15}$/.test(key) ? Number(key) : undefined)
