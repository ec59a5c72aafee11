// What is hit when something fails or is changed: of a service, of the workers of one version, of a key. Nothing here is guessed; what was
// only seen, or only in part, says so.
import type { ApiKey, Principal } from '../auth/contract.ts'
import type { Audit } from '../audit/audit.ts'
import type { Breakers } from '../breakers/breakers.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { ScheduleRuns } from '../schedules/runs.ts'
import type { Webhooks } from '../webhooks/webhooks.ts'
import type { Registry } from '../workers/registry.ts'
import type {
  KeyTouches,
  ServiceChange,
  ServiceTouches,
  ServiceWhatIf,
  TouchedSchedules,
  VersionTouches,
} from './contract.ts'
import { touchesOfKey } from './key.ts'
import { DAY_MS, createSample } from './sample.ts'
import { touchesOfService } from './service.ts'
import { touchesOfVersion } from './version.ts'
import { readPutAway } from './uses.ts'
import { webhooksBehind, webhooksOn } from './webhooks.ts'
import { ifForced, ifLimited } from './what-if.ts'

export interface Touches {
  /** Problem: `service-not-found`. */
  service(principal: Principal, service: string): Promise<ServiceTouches>
  /** Problems: `service-not-found`, `validation-failed` for a limit of a budget that there is not. */
  whatIf(service: string, change: ServiceChange): Promise<ServiceWhatIf>
  /** Problem: `worker-not-found`. */
  version(principal: Principal, version: string): Promise<VersionTouches>
  key(principal: Principal, key: ApiKey): Promise<KeyTouches>
}

export interface TouchesNeeds {
  bull: Bull
  catalog: Catalog
  breakers: Pick<Breakers, 'lastHour'>
  schedules: Pick<ScheduleRuns, 'through'>
  webhooks: Pick<Webhooks, 'list'>
  registry: Pick<Registry, 'list'>
  audit: Pick<Audit, 'list'>
}

const SCHEDULES_SHOWN = 50

export const createTouches = (kernel: Kernel, needs: TouchesNeeds): Touches => {
  const { bull, catalog, breakers, webhooks } = needs
  const lately = createSample(kernel, bull, catalog)

  const schedulesThrough = async (principal: Principal, service: string): Promise<TouchedSchedules> => {
    const { schedules, complete } = await needs.schedules.through(principal, service)
    const until = kernel.clock.now() + DAY_MS
    const isSoon = ({ next_at }: { next_at: string | null }): boolean => next_at !== null && Date.parse(next_at) < until
    return {
      data: schedules.slice(0, SCHEDULES_SHOWN),
      total: schedules.length,
      due_24h: schedules.filter(isSoon).length,
      complete,
    }
  }
  const service = async (principal: Principal, name: string): Promise<ServiceTouches> => {
    // All of it at once: one thing after the other takes as long as all of them together.
    const [hour, seen, putAway, schedules, hooks] = await Promise.all([
      breakers.lastHour(name),
      lately(principal),
      readPutAway({ kernel, bull, catalog }, principal),
      principal.scopes.includes('schedules:read') ? schedulesThrough(principal, name) : null,
      principal.scopes.includes('webhooks:read') ? webhooksOn(webhooks, principal) : null,
    ])
    const needed = { kernel, bull, catalog }
    const { told, queues } = await touchesOfService(needed, principal, hour, { lately: seen, putAway })
    return { ...told, schedules, webhooks: hooks && webhooksBehind(hooks, queues) }
  }
  const whatIf = async (name: string, { force, budget_limit: limit }: ServiceChange): Promise<ServiceWhatIf> => {
    const hour = await breakers.lastHour(name)
    if (force !== undefined) return ifForced(hour, force)
    const { budget } = hour.service
    if (budget === null) throw noBudget(name)
    return ifLimited(hour, budget, limit ?? budget.limit)
  }
  return {
    service: (principal, name) => guardRedis(service(principal, name), 'read'),
    whatIf: (name, change) => guardRedis(whatIf(name, change), 'read'),
    version: (principal, version) => guardRedis(touchesOfVersion({ ...needs, kernel }, principal, version), 'read'),
    key: (principal, key) => guardRedis(touchesOfKey({ ...needs, kernel, lately }, principal, key), 'read'),
  }
}

const noBudget = (name: string): Error =>
  ValidationFailed('1 field is not valid.', {
    errors: [
      {
        pointer: '#/budget_limit',
        code: 'custom',
        detail: `${name} has no budget; give it one, or ask with \`force\``,
      },
    ],
  })
