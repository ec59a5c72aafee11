// Performs the demo's kinds: nothing is sent, charged, encoded or reported; time passes and failures happen as the payload says.
import type * as kinds from '../../shared/catalog/demo.ts'
import { done, permanent, snooze } from '../../shared/catalog/handler.ts'
import type { Handler, HandlerContext } from '../../shared/catalog/handler.ts'
import type { Clock } from '../../shared/kernel/clock.ts'

interface Script {
  takes_ms: number
  fails_until: number
  fails_as: 'transient' | 'permanent' | 'rate_limited' | 'timeout'
}

/** A failure that was ordered; it looks like the real one of its class. */
class DemoFailure extends Error {
  override readonly name: string
  readonly code: string
  readonly retryAfterMs: number | undefined

  constructor(name: string, code: string, message: string, retryAfterMs?: number) {
    super(message)
    this.name = name
    this.code = code
    this.retryAfterMs = retryAfterMs
  }
}

const failures = {
  transient: (what: string) =>
    new DemoFailure('ConnectionError', 'ECONNRESET', `${what}: the connection was reset (demo)`),
  permanent: (what: string) => permanent(new DemoFailure('Refused', 'refused', `${what}: refused for good (demo)`)),
  rate_limited: (what: string) =>
    new DemoFailure('RateLimited', 'http_429', `${what}: too many requests (demo)`, 3_000),
  timeout: (what: string) => new DemoFailure('TimeoutError', 'ETIMEDOUT', `${what}: no answer in time (demo)`),
}

/** Lets time pass, then fails if this attempt is to fail. Ends early when the signal fires. */
const act = async (clock: Clock, context: HandlerContext<Script>, what: string): Promise<void> => {
  const { payload, signal, attempt } = context
  await clock.sleep(payload.takes_ms, signal)
  signal.throwIfAborted()
  if (attempt <= payload.fails_until) throw failures[payload.fails_as](what)
}

export const demoMail =
  (clock: Clock): Handler<typeof kinds.demoMail> =>
  async (context) => {
    await act(clock, context, 'the mail server')
    return done({
      did: `"${context.payload.subject}" would have gone to ${context.payload.to}`,
      attempt: context.attempt,
    })
  }

export const demoCharge =
  (clock: Clock): Handler<typeof kinds.demoCharge> =>
  async (context) => {
    await act(clock, context, 'the card issuer')
    const amount = (context.payload.amount_cents / 100).toFixed(2)
    return done({ did: `${context.payload.customer} would have been charged ${amount}`, attempt: context.attempt })
  }

export const demoEncode =
  (clock: Clock): Handler<typeof kinds.demoEncode> =>
  async (context) => {
    const { payload, signal, log, progress, attempt } = context
    const { steps, recording } = payload
    await log(`encoding ${recording} in ${steps} steps`)
    for (let step = 1; step <= steps; step++) {
      await clock.sleep(payload.takes_ms / steps, signal)
      signal.throwIfAborted()
      await progress(Math.round((step / steps) * 100))
    }
    await act(clock, { ...context, payload: { ...payload, takes_ms: 0 } }, 'the encoder')
    await log('done')
    return done({ did: `${recording} would have been encoded`, attempt })
  }

export const demoReport =
  (clock: Clock): Handler<typeof kinds.demoReport> =>
  async (context) => {
    const { not_before, title } = context.payload
    const early = not_before === undefined ? 0 : Date.parse(not_before) - clock.now()
    if (early > 0) return snooze(Math.min(early, 3_600_000), `the figures for "${title}" are not in yet (demo)`)
    await act(clock, context, 'the warehouse')
    return done({ did: `"${title}" would have been built`, attempt: context.attempt })
  }
