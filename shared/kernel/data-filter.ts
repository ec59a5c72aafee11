// Which facts somebody wants: by their name with a wildcard, and by what is in their data. No code, no regular expressions.
import { z } from 'zod'

/** The name of one event. */
export const EventName = z
  .string()
  .regex(
    /^[a-z][a-z0-9_-]{0,63}(?:\.[a-z0-9][a-z0-9_-]{0,63}){0,5}$/,
    'must be 1 to 6 words of lower-case letters, digits, `_` and `-`, parted by dots',
  )
  .meta({ id: 'EventName', examples: ['order.placed'] })

/** `error_recovery.retry_attempt`, or all that begin alike: `error_recovery.*`, `*`. */
export const EventPattern = z
  .string()
  .regex(
    /^(?:\*|[a-z][a-z0-9_-]{0,63}(?:\.[a-z0-9][a-z0-9_-]{0,63}){0,5}(?:\.\*)?)$/,
    'must be the name of an event, or its beginning and `.*`',
  )
  .meta({ id: 'EventPattern', examples: ['error_recovery.*'] })

const Scalar = z.union([z.string().max(1_024), z.number(), z.boolean(), z.null()])

/** A path into the data: members by name, items by number, parted by dots. */
export const DataPath = z
  .string()
  .regex(/^[^.\u0000-\u001f]{1,64}(?:\.[^.\u0000-\u001f]{1,64}){0,7}$/, 'must be members parted by dots')

const Condition = z
  .discriminatedUnion('op', [
    z.strictObject({ path: DataPath, op: z.enum(['eq', 'ne']), value: Scalar }),
    z.strictObject({ path: DataPath, op: z.literal('in'), value: z.array(Scalar).min(1).max(100) }),
    z.strictObject({ path: DataPath, op: z.enum(['gt', 'lt']), value: z.union([z.number(), z.string().max(1_024)]) }),
    z.strictObject({ path: DataPath, op: z.literal('prefix'), value: z.string().min(1).max(1_024) }),
  ])
  .meta({ id: 'DataCondition' })
type Condition = z.output<typeof Condition>

/** All conditions must hold. `ne` also holds where there is nothing; `gt` and `lt` compare numbers with numbers and texts,
 *  such as instants, with texts. */
export const DataFilter = z.array(Condition).max(20).meta({ id: 'DataFilter' })
export type DataFilter = z.output<typeof DataFilter>

export const matchesData = (filter: DataFilter, data: unknown): boolean =>
  filter.every((condition) => holds(condition, memberAt(data, condition.path)))

/** What is at a path; undefined where there is nothing. Only members of the data itself are looked at. */
export const memberAt = (data: unknown, path: string): unknown => {
  let at = data
  for (const part of path.split('.')) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, part)) return undefined
    at = (at as Record<string, unknown>)[part]
  }
  return at
}

const holds = (condition: Condition, found: unknown): boolean => {
  switch (condition.op) {
    case 'eq':
      return found === condition.value
    case 'ne':
      return found !== condition.value
    case 'in':
      return condition.value.some((value) => value === found)
    case 'gt':
      return comparable(found, condition.value) && found > condition.value
    case 'lt':
      return comparable(found, condition.value) && found < condition.value
    case 'prefix':
      return typeof found === 'string' && found.startsWith(condition.value)
    default:
      condition satisfies never
      throw new Error('unreachable')
  }
}

const comparable = (found: unknown, value: number | string): found is number | string => typeof found === typeof value
