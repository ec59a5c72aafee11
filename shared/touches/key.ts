// What a key touches: queues it may use, what it added and what it changed lately, and endpoints of its subscriber.
import type { ApiKey, Principal } from '../auth/contract.ts'
import type { Audit } from '../audit/audit.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import type { KeyTouches } from './contract.ts'
import { DAY_MS } from './sample.ts'
import type { ReadLately } from './sample.ts'

export interface KeyNeeds {
  kernel: Kernel
  bull: Bull
  audit: Pick<Audit, 'list'>
  webhooks: Pick<Webhooks, 'list'>
  lately: ReadLately
}

const SHOWN = 50
/** Changes and endpoints that are counted. */
const COUNTED = 200
/** So far the clocks of processes, and that of Redis, may be apart. */
const CLOCKS_MS = 60_000

export const touchesOfKey = async (needs: KeyNeeds, principal: Principal, key: ApiKey): Promise<KeyTouches> => {
  const { kernel, bull } = needs
  const [there, jobs, changes, webhooks] = await Promise.all([
    bull.current(),
    principal.scopes.includes('jobs:read') ? addedBy(needs, principal, key) : null,
    seesAudit(principal) ? changedBy(needs, principal, key) : null,
    principal.scopes.includes('webhooks:read') ? endpointsOf(needs, principal, key) : null,
  ])
  const queues = there.filter((queue) => allowsQueue(key, queue) && allowsQueue(principal, queue)).toSorted()
  return {
    ...{ key_id: key.id, at: toIso(kernel.clock.now()), jobs, changes, webhooks },
    queues: queues.slice(0, SHOWN),
    queues_total: queues.length,
  }
}

const seesAudit = ({ scopes, queues }: Principal): boolean => scopes.includes('audit:read') && queues.includes('*')

const addedBy = async ({ lately }: KeyNeeds, principal: Principal, { id }: ApiKey): Promise<KeyTouches['jobs']> => {
  const { jobs, told } = await lately(principal)
  const added = jobs.filter(({ by }) => by === id)
  const byName = Map.groupBy(added, ({ queue, name }) => JSON.stringify([queue, name]))
  const data = [...byName.values()].map((some) => ({
    ...{ queue: some[0]?.queue ?? '', name: some[0]?.name ?? '' },
    jobs: some.length,
  }))
  return { lately: told, data: data.sort((a, b) => b.jobs - a.jobs).slice(0, SHOWN), added: added.length }
}

const changedBy = async (
  { kernel, audit }: KeyNeeds,
  principal: Principal,
  { id, created_at }: ApiKey,
): Promise<KeyTouches['changes']> => {
  const dayAgo = kernel.clock.now() - DAY_MS
  const since = toIso(dayAgo)
  // Before it was made it changed nothing, so that nothing older is looked through.
  const from = toIso(Math.max(dayAgo, Date.parse(created_at) - CLOCKS_MS))
  const { data, page } = await audit.list(principal, { limit: COUNTED, log: 'changes', actor: [id], from })
  const byKind = Map.groupBy(data, ({ target }) => target.kind)
  return {
    since,
    data: [...byKind].map(([kind, { length }]) => ({ kind, changes: length })).slice(0, SHOWN),
    total: data.length,
    complete: !page.has_more,
  }
}

const endpointsOf = async (
  { webhooks }: KeyNeeds,
  principal: Principal,
  { subscriber }: ApiKey,
): Promise<KeyTouches['webhooks']> => {
  if (subscriber === null) return null
  const { data, page } = await webhooks.list(principal, { limit: COUNTED, subscriber })
  return { total: data.length, complete: !page.has_more }
}
