// Schemas of zod as components of an OpenAPI document: each name once, references into the components.
import { z } from 'zod'

export type Json = Record<string, unknown>

const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Points references into the document's components. */
const relocate = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(relocate)
  if (!isObject(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) =>
      name === '$ref' && typeof inner === 'string'
        ? [name, inner.replace('#/$defs/', '#/components/schemas/')]
        : [name, relocate(inner)],
    ),
  )
}

/** Collects the named schemas on the way. A name stands for one shape; `id` differs where input and output do. */
/** The named schemas and responses of one document, collected while it is made. */
export const createSchemas = () => {
  const components: Record<string, Json> = {}
  const convert = (schema: z.ZodType, io: 'input' | 'output'): Json => {
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
        const strict = (zodSchema._zod.def as { catchall?: unknown }).catchall !== undefined
        if (io === 'output' && jsonSchema.additionalProperties === false && !strict)
          delete jsonSchema.additionalProperties
      },
    }) as Json
    for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, Json>)) define(name, definition)
    const { id, ...rest } = relocate(root) as Json
    if (typeof id !== 'string') return rest
    define(id, rest)
    return { $ref: `#/components/schemas/${id}` }
  }
  const define = (name: string, definition: Json): void => {
    const { id: _id, ...shape } = relocate(definition) as Json
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
      `Refused${status}${'abcdefghijklmnopqrstuvwxyz'.charAt(Object.keys(responses).filter((known) => known.includes(String(status))).length)}`
    responses[name] = response
    return { $ref: `#/components/responses/${name}` }
  }
  return { components, responses, convert, share }
}
export type Schemas = ReturnType<typeof createSchemas>
