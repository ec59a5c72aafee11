// Requests from the contract's own schemas: valid ones, and valid ones with something wrong in them.
import fc from 'fast-check'
import { rowsOf } from '../../api/http/check.ts'
import { contract } from '../../shared/contract.ts'
import { spellingsOf } from '../../shared/kernel/endpoint.ts'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { documentPath } from '../../shared/kernel/openapi.ts'
import { z } from 'zod'

export interface Wild {
  method: string
  path: string
  headers: Record<string, string>
  body: string | Uint8Array<ArrayBuffer> | undefined
}

interface Schema {
  type?: string | string[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  enum?: unknown[]
  const?: unknown
  anyOf?: Schema[]
  oneOf?: Schema[]
  allOf?: Schema[]
  minimum?: number
  maximum?: number
  minItems?: number
  maxItems?: number
  additionalProperties?: Schema | boolean
  format?: string
  $ref?: string
  $defs?: Record<string, Schema>
}

/** Names that have a meaning to somebody below: BullMQ's own keys, JavaScript's prototypes, Redis's patterns. */
const RESERVED =
  'meta id events wait active completed failed delayed prioritized waiting-children stalled stalled-check marker repeat limiter pc paused 0 0:a:b a:b 123 __proto__ constructor toString * ? [ ] { } {k1n}'.split(
    ' ',
  )

const hostile: unknown[] = [
  null,
  true,
  -0,
  -1,
  0.5,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  1e308,
  'NaN',
  '',
  ' ',
  'x',
  'x'.repeat(255),
  'x'.repeat(256),
  'x'.repeat(20_000),
  '\u0000',
  '\ud800',
  '\u202eabc',
  'e\u0301',
  '👩‍👩‍👧',
  'a\r\nX-Injected: 1',
  '../../etc/passwd',
  '%ff',
  '%00',
  '<script>alert(1)</script>',
  "' OR 1=1 --",
  '0000-01-01T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  '9999-12-31T23:59:59Z',
  '* * * * * *',
  '0 0 30 2 *',
  '@reboot',
  '30 2 29 3 *',
  'Mars/Olympus_Mons',
  'FREQ=SECONDLY;BYSETPOS=-1;COUNT=99999999',
  Buffer.from('{"at":-1,"address":"http:t_1"}').toString('base64url'),
  Buffer.from('[[9e15,""],{"__proto__":1}]').toString('base64url'),
  [],
  {},
  [[]],
  { then: 1 },
  { toJSON: 1 },
  { $ref: '#' },
  Array.from({ length: 1_001 }, () => 0),
  ...RESERVED,
]
const hostileValue = fc.constantFrom(...hostile)

const resolve = (schema: Schema, root: Schema): Schema => {
  const name = schema.$ref?.split('/').at(-1)
  return name === undefined ? schema : (root.$defs?.[name] ?? {})
}

const text = (schema: Schema): fc.Arbitrary<string> =>
  schema.format === 'date-time'
    ? fc.date({ min: new Date(0), max: new Date(4e12), noInvalidDate: true }).map((date) => date.toISOString())
    : fc.oneof(
        fc.string({ minLength: 1, maxLength: 12, unit: fc.constantFrom(...'abcXYZ019_-.'.split('')) }),
        fc.constantFrom('http.request', 'http', 'listening', 'mail', 'http:t_1'),
      )

/** Values that mostly fit a schema; patterns and refinements are left to chance. */
const valueOf = (given: Schema, root: Schema, depth = 0): fc.Arbitrary<unknown> => {
  const schema = resolve(given, root)
  const either = schema.anyOf ?? schema.oneOf
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  if (either) return fc.oneof(...either.map((one) => valueOf(one, root, depth)))
  if (schema.allOf?.[0]) return valueOf(schema.allOf[0], root, depth)
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type
  if (type === 'number' && !Number.isInteger(schema.minimum ?? 0))
    return fc.double({ min: schema.minimum ?? 0, max: schema.maximum ?? 1_000, noNaN: true })
  if (type === 'integer' || type === 'number')
    return fc.integer({ min: Math.max(schema.minimum ?? 0, -1e9), max: Math.min(schema.maximum ?? 1_000, 1e9) })
  if (type === 'boolean') return fc.boolean()
  if (type === 'string') return text(schema)
  if (type === 'array')
    return fc.array(valueOf(schema.items ?? {}, root, depth + 1), { minLength: schema.minItems ?? 0, maxLength: 3 })
  if (type === 'object' && schema.properties) return objectOf(schema, root, depth)
  return fc.dictionary(
    fc.string({ minLength: 1, maxLength: 8 }),
    fc.oneof(fc.string({ maxLength: 10 }), fc.integer()),
    { maxKeys: 3 },
  )
}

const objectOf = (schema: Schema, root: Schema, depth: number): fc.Arbitrary<unknown> => {
  const members = Object.entries(schema.properties ?? {}).map(
    ([name, inner]) => [name, valueOf(inner, root, depth + 1)] as const,
  )
  return fc.record(Object.fromEntries(members), { requiredKeys: schema.required ?? [] })
}

const jsonSchemas = new WeakMap<z.ZodType, Schema>()
const jsonSchema = (schema: z.ZodType): Schema => {
  const known = jsonSchemas.get(schema) ?? (z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Schema)
  jsonSchemas.set(schema, known)
  return known
}
const valuesOf = (schema: z.ZodType): fc.Arbitrary<unknown> => valueOf(jsonSchema(schema), jsonSchema(schema))

type Change = { how: 'drop' | 'rename' | 'replace' | 'add'; where: number; with: unknown }
const change: fc.Arbitrary<Change> = fc.record({
  how: fc.constantFrom('drop', 'rename', 'replace', 'replace', 'add'),
  where: fc.nat(20),
  with: hostileValue,
})

/** Changes one member, somewhere on a path the number picks. */
const mutate = (value: unknown, { how, where, with: wrong }: Change): unknown => {
  if (typeof value !== 'object' || value === null) return wrong
  const names = Object.keys(value)
  const name = names[where % Math.max(1, names.length)]
  const copy: Record<string, unknown> = { ...(value as Record<string, unknown>) }
  if (how === 'add' || name === undefined) copy[typeof wrong === 'string' ? wrong.slice(0, 50) : 'unknown'] = wrong
  else if (where % 3 === 0 && typeof copy[name] === 'object')
    copy[name] = mutate(copy[name], { how, where: Math.floor(where / 3), with: wrong })
  else {
    const old = copy[name]
    if (how === 'replace') copy[name] = wrong
    else Reflect.deleteProperty(copy, name)
    if (how === 'rename') copy[`${name}_`] = old
  }
  return Array.isArray(value) ? Object.values(copy) : copy
}

const deep = '['.repeat(1_000) + ']'.repeat(1_000)
const endless = '['.repeat(15_000)
const crowded = `{${Array.from({ length: 20_002 }, (_, i) => `"${i}":0`).join(',')}}`

/** What is almost JSON. */
const breaks: ((body: string) => string | Uint8Array<ArrayBuffer>)[] = [
  (body) => body.slice(0, -1),
  (body) => `\ufeff${body}`,
  (body) => `${body}//`,
  (body) => body.replace('{', '{"__proto__":{"polluted":1},'),
  (body) => body.replace('{', '{"name":1,"name":"x",'),
  () => '['.repeat(33),
  () => deep,
  () => endless,
  () => crowded,
  (body) => new Uint8Array(Buffer.from(body, 'utf16le')),
  () => new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]),
  () => '',
]

const oddHeaders: [string, string][] = [
  ['content-type', 'text/plain'],
  ['content-type', 'application/json; charset=utf-16'],
  ['content-type', 'application/vnd.k1n.v7+json'],
  ['content-encoding', 'gzip'],
  ['accept', 'application/xml'],
  ['accept', 'application/vnd.k1n.v3+json'],
  ['accept', 'application/vnd.k1n.v1+json'],
  ['accept', ';;;,q='],
  ['x-api-version', '1'],
  ['x-api-version', '3'],
  ['x-api-version', 'latest'],
  ['idempotency-key', ''],
  ['idempotency-key', 'x'.repeat(256)],
  ['idempotency-key', '"quoted"'],
  ['idempotency-key', 'ünï'],
  ['if-match', '"nonsense'],
  ['if-none-match', '*'],
  ['prefer', 'respond-async, wait=abc'],
  ['prefer', 'deprecation=boolean'],
  ['traceparent', '00-zz'],
  ['x-request-id', '<>'],
  ['x-http-method-override', 'DELETE'],
  ['range', 'bytes=0-0'],
  ['authorization', 'Bearer '],
  ['authorization', 'Basic eDp5'],
  ['authorization', `Bearer k1n_sk_${'0'.repeat(38)}`],
  ['x-api-key', 'x'],
  ['cookie', 'k1n_session=nobody; __Host-k1n_session=x'],
  ['origin', 'null'],
]
const odd = fc.constantFrom(...oddHeaders)

const segment = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('http:t_1', 't_1', 'http', 'listening', 'http:t_1~abc') },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ...hostile.filter((value): value is string => typeof value === 'string' && value.length < 300).map(String),
    ),
  },
)
const encode = (value: string): string => encodeURIComponent(value.toWellFormed())

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

const searchOf = (query: unknown): string =>
  Object.entries((query ?? {}) as Record<string, unknown>)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? (value as unknown[]).slice(0, 60) : [value]).map(
        (one) => `${encode(name)}=${encode(textOf(one))}`,
      ),
    )
    .join('&')
    .slice(0, 9_000)

/** Streams stay open; uploads to disk have tests of their own. */
const rows = rowsOf(contract)
  .flatMap(([, row]) => spellingsOf(row))
  .filter((row) => !['openEventStream', 'createImport', 'signOut'].includes(row.operationId))

const maybe = <Value>(arbitrary: fc.Arbitrary<Value>, weight: number): fc.Arbitrary<Value | undefined> =>
  fc.oneof({ weight: 10 - weight, arbitrary: fc.constant(undefined) }, { weight, arbitrary })

const bodyFor = (row: Endpoint): fc.Arbitrary<Wild['body']> => {
  if (!row.body) return maybe(fc.constantFrom<string>('{}', 'x', '[1]'), 2)
  return fc
    .tuple(valuesOf(row.body), maybe(change, 6), maybe(fc.constantFrom(...breaks), 2))
    .map(([value, wrong, spoil]) => {
      const body = (JSON.stringify(wrong ? mutate(value, wrong) : value) as string | undefined) ?? 'null'
      return spoil ? spoil(body) : body
    })
}

/** Mostly the current version in the path, else the older one or none. */
const prefix = fc.oneof(
  { weight: 8, arbitrary: fc.constant('/api/v2') },
  { weight: 1, arbitrary: fc.constantFrom('/api/v1', '/api') },
)

const pathFor = (row: Endpoint): fc.Arbitrary<string> =>
  fc
    .array(segment, { minLength: 3, maxLength: 3 })
    .map((segments) => documentPath(row).replace(/\{[a-z_]+\}/g, () => encode(segments.shift() ?? 'x')))
    .chain((path) => prefix.map((version) => path.replace(/^\/api\/v2(?=\/)/, version)))

const methodFor = (row: Endpoint): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.constant<string>(row.method) },
    { weight: 1, arbitrary: fc.constantFrom('HEAD', 'OPTIONS', 'PUT', 'PATCH', 'DELETE', 'POST', 'GET') },
  )

const queryFor = (row: Endpoint): fc.Arbitrary<string> => {
  const near = row.query ? valuesOf(row.query) : fc.constant({})
  return fc
    .tuple(near, maybe(change, 3))
    .map(([query, wrong]) => searchOf(noWaiting(wrong ? mutate(query, wrong) : query)))
}

/** A request that waits for events on purpose would only make the run longer. */
const noWaiting = (query: unknown): unknown =>
  typeof query === 'object' && query !== null && 'wait' in query ? { ...query, wait: 0 } : query

const requestFor = (row: Endpoint): fc.Arbitrary<Wild> =>
  fc
    .record({
      method: methodFor(row),
      path: pathFor(row),
      query: queryFor(row),
      body: bodyFor(row),
      odd: maybe(odd, 3),
    })
    .map(({ method, path, query, body, odd: header }) => ({
      method,
      path: query === '' ? path : `${path}?${query}`,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(header ? { [header[0]]: Buffer.from(header[1]).toString('latin1') } : {}),
      },
      body: method === 'GET' || method === 'HEAD' || body === '' ? undefined : body,
    }))

/** Where something is made, one request in so many goes, however many rows there are: without anything made the others find nothing. */
const MAKING_SHARE = 10
const making = rows.filter(({ replies }) => 201 in replies)

/** One request to any row of the contract. */
export const wild: fc.Arbitrary<Wild> = fc.oneof(
  { weight: MAKING_SHARE - 1, arbitrary: fc.oneof(...rows.map(requestFor)) },
  { weight: 1, arbitrary: fc.oneof(...making.map(requestFor)) },
)
