// A service, declared once in code: what it is called and what its calls are held to.
import type { z } from 'zod'
import type { BreakerConfig } from '../breakers/words.ts'
import type { Budget } from '../budgets/words.ts'
import { parseOnce } from '../kernel/parse-once.ts'
import { parseBudget } from './budget-text.ts'
import { ServiceConfig, ServiceName } from './words.ts'

export interface DeclaredService {
  readonly name: string
  /** One sentence for whoever sees it on the dashboard. */
  readonly summary: string
  readonly config: ServiceConfig
}

type Config = z.input<typeof ServiceConfig>

export interface ServiceOptions extends Omit<Config, 'budget'> {
  name: string
  summary: string
  /** Members, or as one writes it: `300/30s`, `600/min`, `10000 units/day`. */
  budget?: z.input<typeof Budget> | string
}

/** Declares a service. Throws a sentence that names it when something about it is not right. */
export const service = ({ name, summary, budget, ...rest }: ServiceOptions): DeclaredService => {
  try {
    const config = parseOnce(ServiceConfig, {
      ...rest,
      budget: typeof budget === 'string' ? parseBudget(budget) : budget,
    })
    return { name: parseOnce(ServiceName, name), summary, config }
  } catch (error) {
    throw new Error(`the service ${name} is not declared right: ${String(error)}`, { cause: error })
  }
}

/** Puts services together. Throws when two have one name. */
export const servicesOf = (...services: DeclaredService[]): ReadonlyMap<string, DeclaredService> => {
  const names = services.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two services are called ${twice}`)
  return new Map(services.map((each) => [each.name, each]))
}

/** What a service is held to that nobody said anything about. */
export const DEFAULT_CONFIG: ServiceConfig = parseOnce(ServiceConfig, {})
export const DEFAULT_BREAKER: BreakerConfig = DEFAULT_CONFIG.breaker
