// How each state of a job, a queue, a breaker, a group of dead letters, an operation, a schedule or an alert is said and shown: always icon, word and colour together.
import type { IconName } from './icons.ts'

/** Names of the colour tokens `--state-…` and `--chip-…`. */
export type Tone =
  | 'waiting'
  | 'delayed'
  | 'running'
  | 'done'
  | 'retrying'
  | 'failed'
  | 'dead'
  | 'stalled'
  | 'held'
  | 'cancelled'

export interface Look {
  word: string
  icon: IconName | 'dead'
  tone: Tone
}

const looks = {
  waiting: { word: 'Waiting', icon: 'ring', tone: 'waiting' },
  prioritized: { word: 'Waiting by priority', icon: 'ring', tone: 'waiting' },
  waiting_children: { word: 'Waiting for children', icon: 'ring', tone: 'waiting' },
  idle: { word: 'Idle', icon: 'ring', tone: 'waiting' },
  unknown: { word: 'Unknown', icon: 'ring', tone: 'waiting' },
  delayed: { word: 'Delayed', icon: 'clock', tone: 'delayed' },
  active: { word: 'Running', icon: 'running', tone: 'running' },
  running: { word: 'Running', icon: 'running', tone: 'running' },
  completed: { word: 'Done', icon: 'done', tone: 'done' },
  done: { word: 'Done', icon: 'done', tone: 'done' },
  retrying: { word: 'Retrying', icon: 'retrying', tone: 'retrying' },
  failed: { word: 'Failed', icon: 'failed', tone: 'failed' },
  dead: { word: 'Dead letter', icon: 'dead', tone: 'dead' },
  stalled: { word: 'Stalled', icon: 'warning', tone: 'stalled' },
  parked: { word: 'Parked', icon: 'held', tone: 'held' },
  held: { word: 'Held', icon: 'held', tone: 'held' },
  paused: { word: 'Paused', icon: 'paused', tone: 'held' },
  cancelled: { word: 'Cancelled', icon: 'barred', tone: 'cancelled' },
  expired: { word: 'Expired', icon: 'clock', tone: 'cancelled' },
  closed: { word: 'Closed', icon: 'done', tone: 'done' },
  open: { word: 'Open', icon: 'held', tone: 'failed' },
  half_open: { word: 'Half-open', icon: 'half', tone: 'retrying' },
  forced_open: { word: 'Forced open', icon: 'lock', tone: 'held' },
  forced_closed: { word: 'Forced closed', icon: 'lock', tone: 'delayed' },
  disabled: { word: 'Switched off', icon: 'barred', tone: 'cancelled' },
  skipped: { word: 'Skipped', icon: 'barred', tone: 'cancelled' },
  new: { word: 'New', icon: 'dead', tone: 'dead' },
  regressed: { word: 'Regressed', icon: 'back', tone: 'failed' },
  ongoing: { word: 'Ongoing', icon: 'ring', tone: 'stalled' },
  ignored: { word: 'Ignored', icon: 'barred', tone: 'cancelled' },
  resolved: { word: 'Resolved', icon: 'done', tone: 'done' },
  queued: { word: 'Queued', icon: 'ring', tone: 'waiting' },
  succeeded: { word: 'Done', icon: 'done', tone: 'done' },
  scheduled: { word: 'Scheduled', icon: 'clock', tone: 'delayed' },
  listening: { word: 'Listening', icon: 'ring', tone: 'delayed' },
  orphaned: { word: 'Not in code', icon: 'warning', tone: 'stalled' },
  ended: { word: 'Ended', icon: 'done', tone: 'cancelled' },
  on_time: { word: 'On time', icon: 'done', tone: 'done' },
  late: { word: 'Late', icon: 'clock', tone: 'stalled' },
  overlap: { word: 'Overlap', icon: 'warning', tone: 'retrying' },
  firing: { word: 'Firing', icon: 'alert', tone: 'failed' },
  pending: { word: 'Pending', icon: 'clock', tone: 'retrying' },
  quiet: { word: 'Quiet', icon: 'done', tone: 'done' },
  critical: { word: 'Critical', icon: 'failed', tone: 'failed' },
  warning: { word: 'Warning', icon: 'warning', tone: 'stalled' },
  partially_succeeded: { word: 'Done in part', icon: 'warning', tone: 'stalled' },
} as const satisfies Record<string, Look>

export type StateWord = keyof typeof looks
export const stateWords = Object.keys(looks) as StateWord[]

/** The look of a state; a word this version does not know is shown as itself, in grey. */
export const lookOf = (state: string): Look =>
  Object.hasOwn(looks, state) ? looks[state as StateWord] : { word: state, icon: 'ring', tone: 'waiting' }

/** Priority as people say it (bins of the contract: 1–9, 10–99, 100–999, above; none reads as normal). */
export const priorityWord = (priority: number | null | undefined): 'critical' | 'high' | 'normal' | 'low' => {
  if (!priority) return 'normal'
  if (priority < 10) return 'critical'
  if (priority < 100) return 'high'
  return priority < 1_000 ? 'normal' : 'low'
}
