// The OpenAPI 3.1 document of a contract. JSON Schema 2020-12 is the dialect of both zod and OpenAPI 3.1, so shapes pass through.
import { spellingsOf } from './endpoint.ts'
import type { Contract, Endpoint } from './endpoint.ts'
import type { EventKind } from './event.ts'
import type { ProblemDefinition } from './problem.ts'
import * as common from './problems.ts'
import { limitHeaders, refer, retryHeader, standing } from './openapi-limits.ts'
import { isLimited, problemsOf } from './openapi-problems.ts'
import { createSchemas } from './openapi-schemas.ts'
import type { Json, Schemas } from './openapi-schemas.ts'

export interface DocumentInfo {
  title: string
  version: string
  description: string
}

export interface DocumentParts {
  info: DocumentInfo
  contract: Contract
  events: readonly EventKind[]
  /** One sentence for each tag rows use. */
  tags: Readonly<Record<string, string>>
}

const parametersOf = (row: Endpoint, { convert }: Schemas): Json[] =>
  (['params', 'query'] as const).flatMap((place) => {
    const schema = row[place]
    if (!schema) return []
    const { properties = {}, required = [] } = convert(schema, 'input') as {
      properties?: Record<string, Json>
      required?: string[]
    }
    return Object.entries(properties).map(([name, property]) => {
      const { description, ...rest } = property
      const inPath = place === 'params'
      return {
        name,
        in: inPath ? 'path' : 'query',
        required: inPath || required.includes(name),
        ...(description === undefined ? {} : { description }),
        schema: rest,
      }
    })
  })

const idempotencyKey: Json = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description: 'The same request with the same key is done once; the key is kept for 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 257 },
}

const ifMatch: Json = {
  name: 'If-Match',
  in: 'header',
  required: false,
  description: 'The `ETag` that was read: the change is made only while it is still that version.',
  schema: { type: 'string', maxLength: 1_000 },
}

/** Headers a request may carry because of what its row promises. */
const headersOf = (row: Endpoint): Json[] => [
  ...(row.idempotency === 'optional' ? [idempotencyKey] : []),
  ...(row.problems.includes(common.PreconditionFailed) ? [ifMatch] : []),
]

/** Problems by status: those that share one become one response that lists their codes. */
const problemResponses = (row: Endpoint, { share }: Schemas): Record<string, Json> => {
  const problems = problemsOf(row)
  // A version in the path that does not exist makes the address itself unknown.
  const statuses = row.at === 'root' ? [] : [[404, common.UnsupportedApiVersion] as const]
  const pairs = [...problems.map((problem) => [problem.status, problem] as const), ...statuses]
  return Object.fromEntries(
    [...Map.groupBy(pairs, ([status]) => status)]
      .sort(([a], [b]) => a - b)
      .map(([status, group]) => [String(status), share(status, problemResponse(group.map(([, problem]) => problem)))]),
  )
}

const problemResponse = (problems: readonly ProblemDefinition[]): Json => {
  const codes = [...new Set(problems.map((problem) => problem.code))].sort()
  const schema = {
    allOf: [{ $ref: '#/components/schemas/Problem' }, { type: 'object', properties: { code: { enum: codes } } }],
  }
  const description = codes.map((code) => `\`${code}\``).join(', ')
  const headers = codes.includes(common.QuotaExceeded.code)
    ? { headers: { ...refer(retryHeader), ...refer(limitHeaders) } }
    : {}
  return { description, ...headers, content: { 'application/problem+json': { schema } } }
}

const vendor = 'application/vnd.k1n.v2+json'

const contentOf = (row: Endpoint, schema: Json): Json => {
  // A media type without its parameters: nobody asks for those.
  if (row.replyType !== undefined) return { [row.replyType.split(';', 1)[0] ?? '']: { schema } }
  return row.at === 'root'
    ? { 'application/json': { schema } }
    : { 'application/json': { schema }, [vendor]: { schema } }
}

const statusText: Record<string, string> = {
  200: 'Done.',
  201: 'Made.',
  202: 'Accepted; it goes on in the background.',
  204: 'Done; there is nothing to say.',
  503: 'Not able to serve right now.',
}

const successes = (row: Endpoint, { convert }: Schemas): Record<string, Json> =>
  Object.fromEntries(
    Object.entries(row.replies).map(([status, schema]) => {
      const described = { description: statusText[status] ?? 'Done.', headers: replyHeaders(row, Number(status)) }
      return [
        status,
        schema === null ? described : { ...described, content: contentOf(row, convert(schema, 'output')) },
      ]
    }),
  )

const header = (description: string): Json => ({ description, schema: { type: 'string' } })
const replyHeaders = (row: Endpoint, status: number): Json => ({
  'X-Request-Id': { $ref: '#/components/headers/X-Request-Id' },
  ...(row.at === 'root' ? {} : { 'X-API-Version': { $ref: '#/components/headers/X-API-Version' } }),
  ...(isLimited(row) && row.cost !== 0 ? refer(standing) : {}),
  ...(row.etag === true && status !== 204 ? { ETag: header('The version, for `If-Match`.') } : {}),
  ...(status === 201 ? { Location: header('Where it is found.') } : {}),
  ...(row.idempotency === 'optional'
    ? { 'Idempotency-Replayed': header('`true` when this is the answer to an earlier request.') }
    : {}),
})

const bodyOf = (row: Endpoint, { convert }: Schemas): Json => {
  if (row.rawBody) {
    const content = Object.fromEntries(
      row.rawBody.types.map((type) => [
        type,
        { schema: type.endsWith('json') && !type.includes('nd') ? {} : { type: 'string' } },
      ]),
    )
    return { requestBody: { required: true, content } }
  }
  if (!row.body) return {}
  const schema = convert(row.body, 'input')
  const content =
    row.at === 'root' ? { 'application/json': { schema } } : { 'application/json': { schema }, [vendor]: { schema } }
  return { requestBody: { required: row.bodyOptional !== true, content } }
}

const securityOf = (row: Endpoint): Json[] =>
  row.scopes === 'public' ? [] : [{ bearer: [] }, { apiKey: [] }, { session: [] }]

/** The path as documents write it. */
export const documentPath = (row: Endpoint): string =>
  (row.at === 'root' ? '' : '/api/v2') + row.path.replace(/:([a-z_]+)/g, '{$1}')

const operationOf = (row: Endpoint, schemas: Schemas): Json => {
  const parameters = [...parametersOf(row, schemas), ...headersOf(row)]
  return {
    operationId: row.operationId,
    summary: row.summary,
    ...(row.description === undefined ? {} : { description: row.description }),
    tags: row.tags,
    security: securityOf(row),
    'x-k1n-scopes': row.scopes === 'public' ? [] : row.scopes,
    'x-k1n-cost': row.cost ?? 1,
    'x-k1n-idempotency': row.idempotency ?? 'none',
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(row, schemas),
    responses: mergeResponses(successes(row, schemas), problemResponses(row, schemas), schemas),
  }
}

/** What an operation says that is another spelling of `row`. */
const sameAs = (row: Endpoint): Json => ({
  description: `The same as \`${row.method} ${documentPath(row)}\`.`,
  'x-k1n-alias-of': row.operationId,
})

/** A status may be both an answer of the row and a problem (`/readyz` says 503 in its own words); both are then told. */
const mergeResponses = (own: Record<string, Json>, problems: Record<string, Json>, { responses }: Schemas): Json => {
  const merged = { ...problems, ...own }
  for (const status of Object.keys(own)) {
    const problem = responses[String(problems[status]?.['$ref']).split('/').at(-1) ?? '']
    const answer = own[status]
    if (problem && answer)
      merged[status] = { ...answer, content: { ...(answer['content'] as Json), ...(problem['content'] as Json) } }
  }
  return merged
}

const Problem: Json = {
  type: 'object',
  description: 'RFC 9457 problem details. Switch on `code`; `detail` is for people.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code', 'request_id'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'A page that says what happened and how to fix it.' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    instance: { type: 'string' },
    code: { type: 'string' },
    request_id: { type: 'string' },
    trace_id: { type: 'string' },
    retry_after_s: { type: 'integer' },
    'violated-policies': {
      type: 'array',
      items: { type: 'string' },
      description: 'Names from `RateLimit-Policy` that the request would go beyond.',
    },
    errors: {
      type: 'array',
      maxItems: 50,
      items: {
        type: 'object',
        required: ['code', 'detail'],
        properties: {
          pointer: { type: 'string', description: 'JSON pointer into the body, as a URI fragment.' },
          parameter: { type: 'string' },
          in: { type: 'string', enum: ['query', 'path', 'header'] },
          code: { type: 'string' },
          detail: { type: 'string' },
        },
      },
    },
  },
}

/** What webhooks will send for each fact; the stream sends the same `data`. */
const webhooksOf = (events: readonly EventKind[], { convert }: Schemas): Json =>
  Object.fromEntries(
    events.map((kind) => [
      kind.name,
      {
        post: {
          operationId: `on_${kind.name.replaceAll('.', '_')}`,
          summary: kind.description,
          tags: ['events'],
          'x-k1n-live': kind.live,
          security: [],
          requestBody: {
            required: true,
            content: { 'application/json': { schema: envelope(kind, convert(kind.data, 'output')) } },
          },
          responses: { '2XX': { description: 'Taken.' }, '4XX': { description: 'Refused; it is sent again later.' } },
        },
      },
    ]),
  )

const envelope = (kind: EventKind, data: Json): Json => ({
  type: 'object',
  required: ['type', 'timestamp', 'data', 'id'],
  properties: {
    type: { const: kind.name },
    timestamp: { type: 'string', format: 'date-time' },
    data,
    id: { type: 'string' },
    api_version: { type: 'integer' },
  },
})

const securitySchemes: Json = {
  bearer: { type: 'http', scheme: 'bearer', description: 'An API key, `k1n_sk_…`.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  session: {
    type: 'apiKey',
    in: 'cookie',
    name: 'k1n_session',
    description: "The dashboard's; unsafe methods also need `X-CSRF-Token`.",
  },
}

/** Makes the document. The same contract gives the same document, byte for byte. */
export const toOpenApi = ({ info, contract, events, tags }: DocumentParts): Json => {
  const schemas = createSchemas()
  const paths: Record<string, Json> = {}
  for (const row of Object.values(contract).flatMap((rows) => Object.values(rows)))
    for (const spelling of spellingsOf(row))
      (paths[documentPath(spelling)] ??= {})[row.method.toLowerCase()] = {
        ...operationOf(spelling, schemas),
        ...(spelling === row ? {} : sameAs(row)),
      }
  const webhooks = webhooksOf(events, schemas)
  return {
    openapi: '3.1.1',
    info: { ...info, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
    paths,
    webhooks,
    components: {
      schemas: {
        ...Object.fromEntries(Object.entries(schemas.components).sort(([a], [b]) => (a < b ? -1 : 1))),
        Problem,
      },
      responses: schemas.responses,
      headers: {
        'X-Request-Id': header('Names this request; give it with a question.'),
        'X-API-Version': header('The version that answered.'),
        ...limitHeaders,
        ...retryHeader,
      },
      securitySchemes,
    },
  }
}
