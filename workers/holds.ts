// Stops fetching from queues whose jobs all call one service while that lets nobody in, and fetches one job for each probe
// and for each retry that somebody forced.
import type { BreakerClient } from '../shared/breakers/client.ts'
import type { Catalog } from '../shared/catalog/kind.ts'
import { queuesOf } from '../shared/catalog/kind.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import { loop } from '../shared/kernel/service.ts'
import type { Service } from '../shared/kernel/service.ts'
import { holdQueue, releaseQueue } from '../shared/services/held.ts'
import type { Hold } from '../shared/services/words.ts'

/** What is done to the fetching of a queue. */
export interface Tap {
  /** Fetches no more of this queue; what runs runs on. */
  close(queue: string): Promise<void>
  /** Fetches one job, and then no more. */
  drip(queue: string): Promise<void>
  open(queue: string): Promise<void>
  /** Whether this process may run one job more of this queue. */
  hasRoom(queue: string): boolean
}

export interface Holds extends Service {
  /** A job of this queue was not let in until then. */
  heard(queue: string, hold: Hold): void
  /** Whether the job of this queue that starts now is the one that was fetched for a probe; asking uses that up. */
  takesProbe(queue: string): boolean
  /** A job stands first in line whose retry was forced: fetches it if the queue is held for its breaker, after those that
   *  were ordered before it. Of all processes that is done by the one for which `mayI` is true. Never throws. */
  fetch(queue: string, mayI: () => Promise<boolean>): Promise<void>
}

export interface HoldsNeeds {
  catalog: Catalog
  breakers: Pick<BreakerClient, 'stateOf' | 'claimProbe'>
  tap: Tap
}

const LOOK_MS = 100
const TELL_MS = 10_000
/** A queue that has nothing to fetch gives its probe back after so long. */
const EMPTY_MS = 1_000

type Standing =
  | { is: 'open' }
  | { is: 'held'; hold: Hold; toldAt: number }
  /** `probe` gives back the probe that was taken for the job; absent where the job needs none. */
  | { is: 'fetching'; hold: Hold; since: number; probe?: () => void }

/** Queues whose kinds all call the same service, whatever their payload. */
export const servicesOfQueues = (catalog: Catalog): Map<string, string> =>
  new Map(
    queuesOf(catalog).flatMap((queue) => {
      const services = new Set(Object.values(catalog).filter((kind) => kind.queue === queue).map((kind) => kind.service)) // prettier-ignore
      const [only] = services
      return services.size === 1 && only !== undefined ? [[queue, only] as const] : []
    }),
  )

export const createHolds = (kernel: Kernel, { catalog, breakers, tap }: HoldsNeeds): Holds => {
  const { clock } = kernel
  const serviceOf = servicesOfQueues(catalog)
  const standings = new Map<string, Standing>([...serviceOf.keys()].map((queue) => [queue, { is: 'open' }]))
  /** Forced retries that no other process fetches any more, and this one has not yet. */
  const owed = new Map<string, number>()

  const tell = (queue: string, hold: Hold): void => {
    const { service, cause, untilMs: until, reason } = hold
    holdQueue(kernel, queue, { service, cause, until, reason }).catch(() => undefined)
  }
  const hold = async (queue: string, why: Hold): Promise<void> => {
    standings.set(queue, { is: 'held', hold: why, toldAt: clock.now() })
    tell(queue, why)
    await tap.close(queue)
  }
  const release = async (queue: string): Promise<void> => {
    standings.set(queue, { is: 'open' })
    owed.delete(queue)
    releaseQueue(kernel, queue).catch(() => undefined)
    await tap.open(queue)
  }
  const brokenHold = (service: string): Hold | undefined => {
    const { state, untilMs } = breakers.stateOf(service)
    if (state !== 'open' && state !== 'forced_open' && state !== 'half_open') return undefined
    const seconds = Math.max(0, Math.ceil((untilMs - clock.now()) / 1_000))
    const reason = state === 'open' ? `breaker ${service} open, probe in ${seconds} s` : `breaker ${service} ${state === 'half_open' ? 'half-open, probes are under way' : 'forced open'}` // prettier-ignore
    return { service, cause: 'breaker', untilMs, reason }
  }
  const fetch = async (queue: string, why: Hold, probe?: () => void): Promise<void> => {
    standings.set(queue, { is: 'fetching', hold: why, since: clock.now(), ...(probe && { probe }) })
    await tap.drip(queue)
  }
  const probe = async (queue: string, why: Hold): Promise<void> => {
    const permit = await breakers.claimProbe(why.service)
    if (!permit.admitted) return
    await (permit.probe ? fetch(queue, why, () => permit.release()) : release(queue))
  }
  /** What a forced retry passes. */
  const isPassable = ({ service, cause }: Hold): boolean =>
    cause === 'retry_budget' || (cause === 'breaker' && breakers.stateOf(service).state !== 'forced_open')
  /** One at a time: each puts the queue back to where it was, and then comes the next. */
  const fetchOwed = async (queue: string): Promise<void> => {
    const [standing, count = 0] = [standings.get(queue), owed.get(queue)]
    if (standing?.is !== 'held' || count === 0) return
    if (!isPassable(standing.hold)) owed.delete(queue)
    else if (tap.hasRoom(queue)) {
      owed.set(queue, count - 1)
      await fetch(queue, standing.hold)
    }
  }
  const lookAtBroken = async (queue: string, standing: Extract<Standing, { is: 'held' }>, why: Hold): Promise<void> => {
    const now = clock.now()
    if (now - standing.toldAt >= TELL_MS) {
      standing.toldAt = now
      tell(queue, why)
    }
    const { state, untilMs } = breakers.stateOf(why.service)
    if (state === 'half_open' || (state === 'open' && now >= untilMs)) await probe(queue, why)
  }
  const lookAtHeld = async (
    queue: string,
    service: string,
    standing: Extract<Standing, { is: 'held' }>,
  ): Promise<void> => {
    const { cause, untilMs } = standing.hold
    const broken = brokenHold(service)
    if (broken) await lookAtBroken(queue, standing, broken)
    else if (cause === 'breaker' || untilMs <= clock.now()) return release(queue)
    await fetchOwed(queue)
  }
  const look = async (queue: string, service: string): Promise<void> => {
    const standing = standings.get(queue)
    if (standing?.is === 'held') return lookAtHeld(queue, service, standing)
    if (standing?.is === 'fetching' && clock.now() - standing.since >= EMPTY_MS) {
      standing.probe?.()
      return hold(queue, standing.hold)
    }
    const broken = standing?.is === 'open' ? brokenHold(service) : undefined
    if (broken) await hold(queue, broken)
  }
  const order = async (queue: string, mayI: () => Promise<boolean>): Promise<void> => {
    const standing = standings.get(queue)
    if (standing === undefined || standing.is === 'open' || !isPassable(standing.hold)) return
    // Those that have room go first; where nobody has any, one of them takes it as soon as it has.
    if (!tap.hasRoom(queue)) await clock.sleep(2 * LOOK_MS)
    // A queue that was let go meanwhile is fetched from in any case.
    if (!(await mayI()) || standings.get(queue)?.is === 'open') return
    owed.set(queue, (owed.get(queue) ?? 0) + 1)
    await fetchOwed(queue)
  }
  return {
    ...loop('holds', async (signal) => {
      while (!signal.aborted) {
        await clock.sleep(LOOK_MS, signal)
        for (const [queue, service] of serviceOf) if (!signal.aborted) await look(queue, service)
      }
    }),
    heard(queue, why) {
      if (serviceOf.get(queue) !== why.service || standings.get(queue)?.is !== 'open') return
      if (why.untilMs - clock.now() > LOOK_MS) void hold(queue, why)
    },
    takesProbe(queue) {
      const standing = standings.get(queue)
      if (standing?.is !== 'fetching') return false
      void hold(queue, standing.hold).then(() => fetchOwed(queue))
      return standing.probe !== undefined
    },
    fetch: (queue, mayI) =>
      order(queue, mayI).catch((error: unknown) =>
        kernel.log.warn('a job whose retry was forced could not be fetched', { queue, error }),
      ),
  }
}
