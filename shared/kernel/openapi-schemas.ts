// Schemas of zod as components of an OpenAPI document: each name once, references into the components.
import { z } from 'zod'

export type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

const DEFS = '#/$defs/'

/** Points references into the document's components, where `nameOf` says what each is called. */
const relocate = (value: unknown, nameOf: (name: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((inner) => relocate(inner, nameOf))
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      name === '$ref' && typeof inner === 'string' && inner.startsWith(DEFS)
        ? [name, `#/components/schemas/${nameOf(inner.slice(DEFS.length))}`]
        : [name, relocate(inner, nameOf)],
    ),
  )
}

/** The named schemas and responses of one document, collected while it is made. */
export const createSchemas = () => {
  const components: Record<string, Json> = {}
  const convert = (schema: z.ZodType, io: 'input' | 'output'): Json => {
    const { named, root, id } = shapesOf(schema, io)
    const others = io === 'input' ? shapesOf(schema, 'output').named : named
    // What has defaults is one shape to whoever sends it and another to whoever reads it: the one that is sent says so.
    const unlike = namesUnlike(named, others)
    const nameOf = (name: string): string => (unlike.has(name) ? `${name.replace(/Input$/, '')}Input` : name)
    for (const [name, shape] of named) define(nameOf(name), relocate(shape, nameOf) as Json)
    return id === undefined ? (relocate(root, nameOf) as Json) : { $ref: `#/components/schemas/${nameOf(id)}` }
  }
  const define = (name: string, shape: Json): void => {
    const known = components[name]
    if (known && JSON.stringify(known) !== JSON.stringify(shape))
      throw new Error(`the schema id ${name} stands for two shapes; give one of them another id`)
    components[name] = shape
  }
  const responses: Record<string, Json> = {}
  /** Most rows refuse alike: each set of problems is written once. */
  const share = (status: number, response: Json): Json => {
    const text = JSON.stringify(response)
    const same = Object.entries(responses).find(([, known]) => JSON.stringify(known) === text)
    const name =
      same?.[0] ??
      `Refused${status}${letters(Object.keys(responses).filter((known) => known.includes(String(status))).length)}`
    responses[name] = response
    return { $ref: `#/components/responses/${name}` }
  }
  return { components, responses, convert, share }
}

/** a, b, … z, za, zb, …: another name for each number. */
const letters = (number: number): string =>
  number < 26 ? String.fromCharCode(97 + number) : `z${letters(number - 26)}`

/** Names whose shapes differ, or lead to some that do. */
const namesUnlike = (some: ReadonlyMap<string, Json>, others: ReadonlyMap<string, Json>): Set<string> => {
  const texts = new Map([...some].map(([name, shape]) => [name, JSON.stringify(shape)]))
  const unlike = new Set(
    [...texts].filter(([name, text]) => JSON.stringify(others.get(name)) !== text).map(([name]) => name),
  )
  for (let before = -1; before < unlike.size;) {
    before = unlike.size
    for (const [name, text] of texts)
      if ([...unlike].some((other) => text.includes(`"${DEFS}${other}"`))) unlike.add(name)
  }
  return unlike
}

const withoutId = ({ id: _id, ...shape }: Json): Json => shape

/** A schema as JSON Schema: the named schemas in it, itself among them when it has a name, and its root. */
const shapesOf = (
  schema: z.ZodType,
  io: 'input' | 'output',
): { named: Map<string, Json>; root: Json; id: string | undefined } => {
  const {
    $schema: _dialect,
    $defs,
    ...root
  } = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    override: ({ zodSchema, jsonSchema }) => {
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
      // Replies may grow: a client must not refuse a member it does not know.
      const { type, catchall } = zodSchema._zod.def as { type: string; catchall?: unknown }
      if (io === 'output' && type === 'object' && catchall === undefined) delete jsonSchema.additionalProperties
    },
  }) as Json
  const named = new Map(
    Object.entries(($defs ?? {}) as Record<string, Json>).map(([name, shape]) => [name, withoutId(shape)]),
  )
  const id = typeof root['id'] === 'string' ? root['id'] : undefined
  if (id !== undefined) named.set(id, withoutId(root))
  return { named, root, id }
}

export type Schemas = ReturnType<typeof createSchemas>
