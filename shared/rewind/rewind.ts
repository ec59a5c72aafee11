// Rewinding: how queues, breakers and everything together stood at a moment of the last day, for who may see them now.
import { sees } from '../alerts/present.ts'
import type { Alert } from '../alerts/contract.ts'
import type { Principal } from '../auth/contract.ts'
import type { BreakerQuery } from '../breakers/breakers.ts'
import type { Breaker } from '../breakers/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { toIso } from '../kernel/clock.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { queuesKey, totalsKey } from '../metrics/buckets.ts'
import type { Overview } from '../metrics/contract.ts'
import { createSlotHashes, readMinutes, readRates, silentMinute } from '../metrics/minutes.ts'
import { PULSE_MINUTES, toOverview } from '../metrics/overview.ts'
import type { Queue } from '../queues/contract.ts'
import { NO_RATES } from '../queues/reading.ts'
import type { Moment } from './moment.ts'
import { createMoments } from './store.ts'
import { MomentNotKept } from './words.ts'

/** All verbs answer `moment-not-kept` for a time of which nothing is kept, and tell which moment their answer is of. */
export interface Rewind {
  queues(principal: Principal, asOf: string): Promise<{ data: Queue[]; as_of: string }>
  breakers(query: BreakerQuery, asOf: string): Promise<Page<Breaker> & { as_of: string }>
  overview(principal: Principal, asOf: string): Promise<Overview>
}

export interface RewindNeeds {
  alerts: { glance(principal: Principal, since: number): Promise<{ fired: Alert[] }> }
}

const MINUTE = 60_000
/** Minutes of figures that a process remembers: enough for one who steps on from moment to moment. */
const REMEMBERED = 120
/** Where the minute of a moment begins: what is counted by the minute is told up to there. */
const minuteBefore = (at: number): number => Math.floor(at / MINUTE) * MINUTE

export const createRewind = (kernel: Kernel, { alerts }: RewindNeeds): Rewind => {
  const moments = createMoments(kernel)
  // Whoever steps through a day asks of all its minutes.
  const slots = { widthMs: MINUTE, most: REMEMBERED }
  const byQueue = createSlotHashes(kernel, queuesKey, slots)
  const totals = createSlotHashes(kernel, totalsKey, slots)

  const momentAt = async (at: number): Promise<Moment> => {
    const moment = await moments.before(at)
    if (moment) return moment
    const oldest = await moments.oldest()
    throw oldest === undefined
      ? MomentNotKept('Nothing is kept yet; the first moment is kept within a minute after the recorder has begun.')
      : MomentNotKept(
          at < oldest
            ? `How things stood is kept since ${toIso(oldest)}; ask for that time or a later one.`
            : 'What was kept then was written by another version of k1n; ask for another time.',
          { members: { oldest: toIso(oldest) } },
        )
  }
  const queuesOf = async (principal: Principal, { at, queues }: Moment): Promise<Queue[]> => {
    const seen = queues.filter(({ name }) => allowsQueue(principal, name))
    const rates = await readRates(byQueue, minuteBefore(at) - 1)
    return seen.map((queue) => ({ ...queue, rates: rates.get(queue.name) ?? NO_RATES }))
  }
  const queues: Rewind['queues'] = async (principal, asOf) => {
    const moment = await momentAt(Date.parse(asOf))
    return { data: await queuesOf(principal, moment), as_of: toIso(moment.at) }
  }
  const breakers: Rewind['breakers'] = async ({ limit, cursor, state, service }, asOf) => {
    const secret = cursorSecret(kernel)
    const filter = ['breakers', state ?? null, service ?? null, asOf]
    // All pages are of one moment.
    const [after, of] = cursor === undefined ? ['', Date.parse(asOf)] : decodeCursor<[string, number]>(secret, cursor, filter) // prettier-ignore
    const moment = await momentAt(of)
    const fitting = moment.breakers
      .filter(
        (one) =>
          one.service > after && (service?.includes(one.service) ?? true) && (state?.includes(one.state) ?? true),
      ) // prettier-ignore
      .sort((a, b) => (a.service < b.service ? -1 : 1))
    const data = fitting.slice(0, limit)
    const more = fitting.length > data.length
    const next = more ? encodeCursor(secret, [data.at(-1)?.service, moment.at], filter) : null
    return { data, page: { limit, has_more: more, next_cursor: next, prev_cursor: null }, as_of: toIso(moment.at) }
  }
  const alertsOf = async (principal: Principal, { at, alerts: firing }: Moment) => {
    if (!principal.scopes.includes('alerts:read')) return { firing: [], fired: [] }
    const { fired } = await alerts.glance(principal, at - PULSE_MINUTES * MINUTE)
    return {
      firing: firing.filter(({ subject }) => sees(principal, subject)),
      fired: fired.filter(({ fired_at }) => fired_at !== null && Date.parse(fired_at) <= at),
    }
  }
  const overview: Rewind['overview'] = async (principal, asOf) => {
    const moment = await momentAt(Date.parse(asOf))
    const begun = minuteBefore(moment.at)
    const [minutes, seen, told] = await Promise.all([
      readMinutes(totals, begun - 1, PULSE_MINUTES - 1),
      queuesOf(principal, moment),
      alertsOf(principal, moment),
    ])
    const figures = {
      now: begun,
      minutes: [...minutes, silentMinute(begun)],
      queues: seen,
      breakers: principal.scopes.includes('recovery:read') ? moment.troubled : [],
      alerts: told,
      durability: 'unknown',
    } as const
    return { ...toOverview(figures), at: toIso(moment.at), as_of: toIso(moment.at) }
  }
  return {
    queues: (principal, asOf) => guardRedis(queues(principal, asOf), 'read'),
    breakers: (query, asOf) => guardRedis(breakers(query, asOf), 'read'),
    overview: (principal, asOf) => guardRedis(overview(principal, asOf), 'read'),
  }
}
