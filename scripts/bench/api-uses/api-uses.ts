// What clients do with the API, route by route: each use follows from what those before it made, so that all of them succeed.
import { rowsOf } from '../../../api/http/check.ts'
import { contract } from '../../../shared/contract.ts'
import { events, webhooks } from './events.ts'
import { jobs, queues } from './jobs.ts'
import { letters } from './letters.ts'
import { operations, others } from './others.ts'
import { schedules } from './schedules.ts'
import { services } from './services.ts'
import { timeline } from './timeline.ts'
import type { Use } from './use.ts'

/** Operations that are not synchronous, or not asked by programs again and again, each with why. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  openEventStream: 'stays open',
  createImport: 'takes as long as its upload',
  testWebhook: 'waits for an endpoint',
  adoptScheduler: 'once for each scheduler of another service',
  receiveWebhook: 'has a signature instead of a key',
  signIn: 'a person',
  signOut: 'a person',
  getSession: 'a person',
  resetSchedule: 'only for those declared in code',
  undoOperation: 'once an operation has ended',
  obliterateQueue: 'once for each queue',
  pauseWorker: 'a person',
  resumeWorker: 'a person',
  shutDownWorker: 'a person',
  getWorkerVersionTouches: 'a person',
  getAlert: 'once something fires',
  acknowledgeAlert: 'a person',
  silenceAlert: 'a person',
  unsilenceAlert: 'a person',
  listPortalLinks: 'a person',
  createPortalLink: 'a person',
  revokePortalLink: 'a person',
  getPrometheusMetrics: 'one scraper, every some seconds',
}

/** Chains of uses: within one, each follows from those before it. */
export const CHAINS: readonly (readonly Use[])[] = [
  jobs,
  queues,
  letters,
  services,
  schedules,
  events,
  webhooks,
  operations,
  timeline,
  others,
]

/** Operations of the contract that neither are used nor left out for a reason. */
export const forgotten = (): string[] => {
  const used = new Set(CHAINS.flat().map(({ id }) => id))
  const all = rowsOf(contract).filter(([, { path }]) => !/^\/(livez|readyz|healthz)/.test(path))
  return all.map(([, { operationId }]) => operationId).filter((id) => !used.has(id) && !(id in LEFT_OUT))
}
