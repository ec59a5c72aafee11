// The gate before attempts of kinds that call a service: past its breaker, retry budget, places and budget, or parked.
import { passes } from '../shared/attempts/attempts.ts'
import type { Admission, Attempt, Gate, Outcome } from '../shared/attempts/attempts.ts'
import type { Calls } from '../shared/calls/calls.ts'
import type { CallEnd, Caller, Entered, Entry, Refused } from '../shared/calls/entry.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import type { AskForce } from '../shared/retries/force.ts'
import type { Hold } from '../shared/services/words.ts'

export interface ServiceGateNeeds {
  calls: Calls
  /** The name a host is known by as a service; undefined for what cannot be one. */
  learn: (host: string) => string | undefined
  /** Whether the job of this queue that comes next uses a probe that was taken for it. */
  takesProbe?: (queue: string) => boolean
  /** Hears of holds that are too long to wait for with a slot. */
  onHold?: (queue: string, hold: Hold) => void
  /** Whether a service comes back from an outage: then its turn is waited for longer. */
  comesBack?: (service: string) => boolean
  /** Whether somebody forced this attempt. */
  isForced?: AskForce
  /** When a service whose probe has just failed may be tried again, in epoch ms. */
  nextProbeAt: (service: string) => number
}

/** How long a job keeps its slot while it waits for its turn: putting it away and fetching it again costs more than that. */
const PATIENCE_MS = 1_000
/** The same where a service comes back: its turns are given in the order in which jobs were fetched. */
const PATIENCE_BACK_MS = 20_000

export const createServiceGate = (kernel: Kernel, needs: ServiceGateNeeds): Gate => {
  const { clock } = kernel
  const { calls, learn, takesProbe = () => false, onHold, comesBack = () => false, nextProbeAt } = needs
  const { isForced = () => Promise.resolve(false) } = needs

  const parked = (queue: string, { hold }: Refused): Admission => {
    onHold?.(queue, hold)
    return { admitted: false, outcome: { is: 'parked', hold } }
  }
  const letIn = (service: string, entry: Entered): Admission => ({
    admitted: true,
    leave(outcome) {
      const counted = entry.leave(endOf(outcome))
      const speaksAgainst = counted === 'failure' || counted === 'throttled'
      return entry.probe && speaksAgainst && outcome.is === 'failed' ? probeFailed(service, outcome.error) : undefined
    },
  })
  const probeFailed = (service: string, error: unknown): Outcome => {
    const untilMs = nextProbeAt(service)
    return {
      is: 'parked',
      probe: error,
      hold: { service, cause: 'breaker', untilMs, reason: `a probe of ${service} failed` },
    }
  }
  const insist = async (service: string, attempt: Attempt, caller: Caller, first: Entry): Promise<Admission> => {
    const { job } = attempt
    const begun = clock.now()
    for (let entry = first; ; entry = await calls.enter(service, caller)) {
      if (entry.entered) return letIn(service, entry)
      const patience = comesBack(service) ? PATIENCE_BACK_MS : PATIENCE_MS
      const now = clock.now()
      if (entry.hold.untilMs > begun + patience || now >= begun + patience) return parked(job.queue, entry)
      await clock.sleep(Math.max(1, entry.hold.untilMs - now), job.interrupt.signal)
      if (job.interrupt.reason) throw job.interrupt.reason
    }
  }
  const decide = (service: string, attempt: Attempt, caller: Caller, entry: Entry): Admission | Promise<Admission> => {
    return entry.entered ? letIn(service, entry) : refused(service, attempt, caller, entry)
  }
  const refused = async (service: string, attempt: Attempt, caller: Caller, entry: Refused): Promise<Admission> => {
    // The probe was for the first question only.
    const { claimed: _used, ...again } = caller
    const isOurs = entry.hold.cause === 'breaker' || entry.hold.cause === 'retry_budget'
    if (!isOurs || !(await isForced(attempt.job))) return insist(service, attempt, again, entry)
    const forced = { ...again, forced: true }
    return insist(service, attempt, forced, await calls.enter(service, forced))
  }
  return (attempt) => {
    const { job, work, number } = attempt
    const host = work?.kind.serviceOf(work.payload)
    const service = host === undefined ? undefined : work?.kind.service === undefined ? learn(host) : host
    if (service === undefined) return passes
    const caller: Caller = { kind: job.name, attempt: number, claimed: takesProbe(job.queue), ...tagsOf(job.opts) }
    const entry = calls.enter(service, caller)
    return entry instanceof Promise
      ? entry.then((answered) => decide(service, attempt, caller, answered))
      : decide(service, attempt, caller, entry)
  }
}

const endOf = (outcome: Outcome): CallEnd => {
  if (outcome.is === 'done') return { is: 'succeeded' }
  return outcome.is === 'failed' ? { is: 'failed', error: outcome.error } : { is: 'undecided' }
}

const tagsOf = (opts: Readonly<Record<string, unknown>>): { tags?: readonly string[] } => {
  const extras = opts['k1n']
  const tags = typeof extras === 'object' && extras !== null ? (extras as { tags?: unknown }).tags : undefined
  return Array.isArray(tags) ? { tags: tags.filter((tag): tag is string => typeof tag === 'string') } : {}
}
