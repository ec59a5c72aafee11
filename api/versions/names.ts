// The members of a body under the names of an older version: read into today's, and told of again in the older ones.

/** One member: what it is called today, what its value becomes, and what its own members are called. */
export interface Name {
  readonly to: string
  readonly value?: (given: unknown) => unknown
  readonly inner?: Names
}

/** The members of an object by their old names. A plain text is today's name. */
export type Names = Readonly<Record<string, string | Name>>

/** A moment that the older version sends as epoch milliseconds. What is no number is left for the schema to refuse. */
export const moment = (to: string): Name => ({ to, value: (given) => (isMoment(given) ? toText(given) : given) })

const LATEST = 8_640_000_000_000_000
const isMoment = (given: unknown): given is number => typeof given === 'number' && Math.abs(given) <= LATEST
const toText = (ms: number): string => new Date(ms).toISOString()

const nameOf = (names: Names, old: string): Name => {
  const known = Object.hasOwn(names, old) ? names[old] : undefined
  return typeof known === 'object' ? known : { to: known ?? old }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The members of a body under today's names that the older version has other names for, and where they belong in today's body. */
export const inTodaysNames = (names: Names, body: unknown, at = '#'): { pointer: string; name: string }[] => {
  if (!isObject(body)) return []
  const newer = new Set(Object.values(names).map(todayOf))
  return Object.entries(body).flatMap(([name, given]) => {
    if (Object.hasOwn(names, name)) {
      const { to, inner } = nameOf(names, name)
      return inner ? inTodaysNames(inner, given, `${at}/${to}`) : []
    }
    return newer.has(name) ? [{ pointer: `${at}/${name}`, name }] : []
  })
}

/** A body in today's names. Members that nobody named stay as they are: the row refuses what it does not know. */
export const toToday = (names: Names, body: unknown): unknown => {
  if (!isObject(body)) return body
  return Object.fromEntries(
    Object.entries(body).map(([old, given]) => {
      const { to, value, inner } = nameOf(names, old)
      return [to, value ? value(given) : inner ? toToday(inner, given) : given]
    }),
  )
}

/** Where a mistake is, in the old names: `#/options/delay_ms` → `#/options/delayMs`. */
export const toOldPointer = (names: Names, pointer: string): string => {
  let level: Names | undefined = names
  const parts = pointer.split('/').map((part, index) => {
    if (index === 0 || level === undefined) return part
    const [old, name] = Object.entries(level).find(([, known]) => todayOf(known) === part) ?? [part, undefined]
    level = typeof name === 'object' ? name.inner : undefined
    return old
  })
  return parts.join('/')
}

const todayOf = (name: string | Name): string => (typeof name === 'string' ? name : name.to)
