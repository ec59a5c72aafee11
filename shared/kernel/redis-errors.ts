// What a failing Redis means to whoever asked: refused, so ask again; or sent and unanswered, so nobody can tell.
import { OutcomeUnknown, RedisUnavailable } from './problems.ts'
import { isRedisDown, isRedisSilent } from './redis.ts'

/** When asking again makes sense; reconnecting takes at most a second once Redis is back. */
const RETRY_AFTER_MS = 2_000

const refused = (cause: unknown): Error =>
  RedisUnavailable('Redis cannot be reached right now; nothing was changed. Ask again in 2 seconds.', {
    retryAfterMs: RETRY_AFTER_MS,
    cause,
  })
const unknown = (cause: unknown): Error =>
  OutcomeUnknown(
    'Redis did not answer in time, so it may or may not be done. Ask again with the same Idempotency-Key or id.',
    { retryAfterMs: RETRY_AFTER_MS, cause },
  )

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : '')

/** Commands that had been sent when the connection went: ioredis gives them up after its retries. */
const wasSent = (error: unknown): boolean =>
  isRedisSilent(error) || /max retries per request|Connection is closed|Socket closed/i.test(messageOf(error))
/** A transaction of which a command was refused says so by `EXECABORT`, and why in the errors before. */
const isFull = (error: unknown): boolean =>
  [error, ...previousOf(error)].some((each) => /^(OOM|MISCONF)/.test(messageOf(each)))
const previousOf = (error: unknown): unknown[] => {
  const { previousErrors = [] } = (error ?? {}) as { previousErrors?: unknown }
  return Array.isArray(previousErrors) ? previousErrors : []
}

/** The problem an error of Redis stands for; any other error stays what it is. A `read` has no outcome to be unsure of. */
export const redisProblem = (error: unknown, doing: 'read' | 'write' = 'write'): unknown => {
  if (doing === 'write' && wasSent(error)) return unknown(error)
  if (isRedisDown(error) || isRedisSilent(error)) return refused(error)
  if (isFull(error))
    return RedisUnavailable('Redis takes no writes right now (its memory or disk is full); nothing was changed.', {
      retryAfterMs: RETRY_AFTER_MS,
      cause: error,
    })
  return error
}

/** Waits for work on Redis and names its failures: `redis-unavailable` when it was refused, `outcome-unknown` when it
 *  was sent and not answered. */
export const guardRedis = async <Result>(work: Promise<Result>, doing: 'read' | 'write' = 'write'): Promise<Result> => {
  try {
    return await work
  } catch (error) {
    throw redisProblem(error, doing)
  }
}
