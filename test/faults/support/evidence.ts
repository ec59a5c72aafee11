// What a fault leaves behind to be judged: what clients were told, what ran, what Redis holds, what listeners heard.

/** What a producer was told about one job it asked for, after all its tries. `key` is the producer's own name for it. */
export type Ack =
  | { key: string; told: 'accepted'; id: string; at: number }
  /** No answer that settles it: the job may or may not be there. */
  | { key: string; told: 'unknown'; at: number }
  /** Every answer said that nothing was done. */
  | { key: string; told: 'refused'; at: number }

/** One run of a handler, as the handler itself wrote it down. Times are epoch ms. */
export interface Execution {
  /** Names this run among all runs of all processes. */
  run: string
  id: string
  key: string
  attempt: number
  pid: number
  startedAt: number
  endedAt?: number
  /** Absent when it never came to its end. */
  how?: 'done' | 'thrown' | 'aborted'
}

/** A process that ended, however it did. */
export interface Death {
  pid: number
  at: number
}

/** A time in which Redis lost writes, or was away for so long that locks ran out: what ran in it may run once more. */
export interface Outage {
  from: number
  to: number
}

export const PLACES = [
  'waiting',
  'active',
  'delayed',
  'prioritized',
  'waiting_children',
  'completed',
  'failed',
  'removed',
] as const
export type Place = (typeof PLACES)[number]

/** A job as Redis holds it. `places` are the lists and sets its id is in; none means that its hash is all there is. */
export interface HeldJob {
  id: string
  key: string | undefined
  places: Place[]
  failedReason?: string
  reason?: string
}

/** A fact of the log that ends a job. */
export interface FinalFact {
  id: string
  name: 'job.completed' | 'job.failed' | 'job.cancelled'
}

export interface Heard {
  /** Positions in the order in which the listener got them, over all its connections. */
  ids: string[]
  /** Positions that the log holds after the listener's first cursor. */
  logged: string[]
  /** Gaps that the listener was told of. */
  gaps: number
}

export interface ProgramReport {
  name: string
  output: string
}

export interface Memory {
  name: string
  beforeBytes: number
  afterBytes: number
}

export interface Evidence {
  acks: Ack[]
  executions: Execution[]
  deaths: Death[]
  outages: Outage[]
  jobs: HeldJob[]
  finals: FinalFact[]
  heard: Heard | undefined
  /** How often the API answered with which status. `0` stands for connections that broke. */
  statuses: Map<number, number>
  programs: ProgramReport[]
  memory: Memory[]
}
