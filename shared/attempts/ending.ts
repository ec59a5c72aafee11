// Why an attempt is ended before its handler is: the reasons its signal may carry.

/** Somebody cancelled the job. */
export class Cancelled extends Error {
  override readonly name = 'Cancelled'
  /** How long the handler has to end by itself; the job's own grace unless somebody said. */
  readonly graceMs: number | undefined

  constructor(reason: string, graceMs?: number) {
    super(reason)
    this.graceMs = graceMs
  }
}

/** The process stops; the job goes back to its queue and costs no attempt. */
export class Stopping extends Error {
  override readonly name = 'Stopping'
  /** How long the handler has to end by itself. */
  readonly graceMs: number

  constructor(reason: string, graceMs = 0) {
    super(reason)
    this.graceMs = graceMs
  }
}

/** Another worker may have the job by now: nothing this one does to it counts any more. */
export class LockLost extends Error {
  override readonly name = 'LockLost'
}

/** The attempt ran longer than it may. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  readonly code = 'timeout'

  constructor(limitMs: number) {
    super(`the attempt ran longer than the ${limitMs} ms it may take`)
  }
}

/** The job ended two processes, the second time while it ran there alone. */
export class PoisonPill extends Error {
  override readonly name = 'PoisonPill'
  readonly code = 'poison'
}

/** What no further attempt can mend: a payload, a result or a handler that is not what the catalog says. */
export class Unworkable extends Error {
  override readonly name: string
  readonly code: string

  constructor(name: string, message: string) {
    super(message)
    this.name = name
    this.code = 'unworkable'
  }
}
