// How an older version answers one of its routes: with a row of today's contract, and pure functions around it.
import type { z } from 'zod'
import type { Endpoint, Method, Result } from '../../shared/kernel/endpoint.ts'
import type { Names } from './names.ts'

/** One route of an older version. */
export interface Adapter {
  readonly method: Method
  /** Without prefix: `/jobs/:id/retry`. */
  readonly path: string
  /** The row that does the work. Parameters of the path belong to those of the row in order. */
  readonly to: Endpoint
  /** What members of the body are called, where that differs. */
  readonly body?: Names
  /** From the row's answer to the older one's data. Of lists: from one item to one item. */
  readonly answer: (body: never) => unknown
  /** Set for lists, which come in numbered pages. */
  readonly list?: Listing
}

export interface Listing {
  /** What may be asked beside `page` and `limit`. */
  readonly filters: Readonly<Record<string, z.ZodType>>
  /** The same as today's list is asked for it. */
  readonly query: (filters: never) => Readonly<Record<string, readonly string[]>>
  /** The row answers its whole list at once. */
  readonly isWhole: boolean
}

type Spelling = `${Method} /${string}`
type Listed<Row extends Endpoint> = Result<Row> extends { data: (infer Item)[] } ? Item : never
type Filtered<Filters extends Record<string, z.ZodType>> = { [Name in keyof Filters]: z.output<Filters[Name]> }

const spelt = (spelling: Spelling): { method: Method; path: string } => {
  const [method, path] = spelling.split(' ') as [Method, string]
  return { method, path }
}

/** A route of one thing. */
export const route = <const Row extends Endpoint>(
  spelling: Spelling,
  to: Row,
  words: { body?: Names; answer: (body: Result<Row>) => unknown },
): Adapter => ({ ...spelt(spelling), to, ...words })

/** Lists that come in pages are asked for so many. */
const hasPages = ({ query }: Endpoint): boolean => query !== undefined && 'limit' in (query as z.ZodObject).shape

/** A route of a list. */
export const list = <const Row extends Endpoint, const Filters extends Record<string, z.ZodType>>(
  spelling: Spelling,
  to: Row,
  words: {
    filters: Filters
    query: (filters: Filtered<Filters>) => Record<string, readonly string[]>
    item: (item: Listed<Row>) => unknown
  },
): Adapter => ({
  ...spelt(spelling),
  to,
  answer: words.item,
  list: { filters: words.filters, query: words.query, isWhole: !hasPages(to) },
})

const parameter = /:[A-Za-z_]+/g

/** The values of a template's parameters in a path, as they stand there; undefined when the path is another one. */
export const valuesIn = (template: string, path: string): string[] | undefined => {
  const [wanted, given] = [template.split('/'), path.split('/')]
  if (wanted.length !== given.length) return undefined
  const fits = wanted.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index]))
  return fits ? given.filter((_part, index) => wanted[index]?.startsWith(':')) : undefined
}

/** A template with its parameters filled in, in order. */
export const filled = (template: string, values: readonly string[]): string => {
  let next = 0
  return template.replace(parameter, () => values[next++] ?? '')
}

export interface Found {
  adapter: Adapter
  /** The path of today that does the same: `/jobs/t_1/retry`. */
  path: string
}

/** The route of a request; HEAD is asked as GET. */
export const find = (adapters: readonly Adapter[], method: string, path: string): Found | undefined => {
  const asked = method === 'HEAD' ? 'GET' : method
  for (const adapter of adapters) {
    const values = adapter.method === asked ? valuesIn(adapter.path, path) : undefined
    if (values) return { adapter, path: filled(adapter.to.path, values) }
  }
  return undefined
}

/** The methods a path of the older version takes. */
export const methodsOf = (adapters: readonly Adapter[], path: string): string[] => {
  const methods = adapters.filter((adapter) => valuesIn(adapter.path, path)).map(({ method }) => method as string)
  return methods.length === 0
    ? []
    : [...new Set([...methods, ...(methods.includes('GET') ? ['HEAD'] : []), 'OPTIONS'])].sort()
}

/** Where the older version shows what today's path shows; undefined when it has no such route. */
export const oldPath = (adapters: readonly Adapter[], today: string): string | undefined => {
  for (const { method, path, to } of adapters) {
    const values = method === 'GET' ? valuesIn(to.path, today) : undefined
    if (values) return filled(path, values)
  }
  return undefined
}
