// What breaks those who lock to openapi.json, and what does not: the list of docs/guides/versioning.md, case by case.
import { describe, expect, test } from 'vitest'
import { broken, promisesOf } from './promises.ts'

const text = { type: 'string' }
const refusal = { allOf: [{}, { properties: { code: { enum: ['taken'] } } }] }

const document = {
  paths: {
    '/jobs': {
      get: {
        operationId: 'listJobs',
        'x-k1n-scopes': ['jobs:read'],
        parameters: [
          { name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 200, default: 50 } },
        ],
        responses: {
          200: { content: { json: { schema: { type: 'array', items: { $ref: '#/components/schemas/Job' } } } } },
        },
      },
      post: {
        operationId: 'createJob',
        requestBody: {
          required: true,
          content: {
            json: { schema: { type: 'object', properties: { name: { ...text, maxLength: 9 } }, required: ['name'] } },
          },
        },
        responses: { 201: {}, 409: { $ref: '#/components/responses/Refused' } },
      },
    },
  },
  webhooks: {
    'job.done': {
      post: { requestBody: { content: { json: { schema: { type: 'object', properties: { id: text } } } } } },
    },
  },
  components: {
    responses: { Refused: { content: { json: { schema: refusal } } } },
    schemas: {
      Job: {
        type: 'object',
        properties: {
          id: text,
          state: { type: 'string', enum: ['waiting', 'done'] },
          at: { anyOf: [text, { type: 'null' }] },
        },
        required: ['id', 'state'],
      },
    },
  },
}
/** A document that is changed out of its shape. */
interface Schema {
  type?: string | string[]
  enum?: string[]
  maximum?: number
  maxLength?: number
  default?: unknown
  additionalProperties?: boolean
  pattern?: string
  description?: string
  properties: Record<string, Schema | typeof text>
  required: string[]
}
interface Operation {
  operationId: string
  'x-k1n-scopes': string[]
  parameters: { name: string; required?: boolean; schema: Partial<Schema> }[]
  requestBody: { content: { json: { schema: Schema } } }
}
interface Copy {
  paths: Record<string, { get?: Operation; post: Operation }> & { '/jobs': { get: Operation; post: Operation } }
  webhooks: Record<string, unknown>
  components: { responses: Record<string, unknown>; schemas: { Job: Schema } }
}
const before = promisesOf(document)

/** What is broken when the document changes so. */
const after = (change: (copy: Copy) => unknown): string[] => {
  const copy = structuredClone(document) as unknown as Copy
  change(copy)
  return broken(before, promisesOf(copy as unknown as typeof document))
}

const job = (copy: Copy): Schema => copy.components.schemas.Job
const states = (copy: Copy): string[] => (job(copy).properties['state'] as Schema).enum ?? []
const body = (copy: Copy): Schema => copy.paths['/jobs'].post.requestBody.content.json.schema
const limit = (copy: Copy) => {
  const [parameter] = copy.paths['/jobs'].get.parameters
  if (!parameter) throw new Error('the document has no parameter')
  return parameter
}
const without = (object: object, name: string): boolean => Reflect.deleteProperty(object, name)

describe('breaks', () => {
  test.each<[string, (copy: Copy) => unknown, string[]]>([
    [
      'an operation goes',
      (copy) => without(copy.paths['/jobs'], 'post'),
      expect.arrayContaining(['+ POST /jobs · createJob']) as string[],
    ],
    [
      'a parameter goes',
      (copy) => copy.paths['/jobs'].get.parameters.pop(),
      ['+ GET /jobs ?limit · integer', '+ GET /jobs ?limit · is 50 unless sent'],
    ],
    ['a default is another', (copy) => (limit(copy).schema.default = 20), ['+ GET /jobs ?limit · is 50 unless sent']],
    [
      'unknown members are refused',
      (copy) => (body(copy).additionalProperties = false),
      ['! POST /jobs body · takes no others'],
    ],
    ['a member of an answer goes', (copy) => without(job(copy).properties, 'at'), ['+ Job.at · null or string']],
    ['a member may be absent', (copy) => job(copy).required.pop(), ['+ Job · always has state']],
    [
      'a member may be null',
      (copy) => (job(copy).properties['id'] = { type: ['string', 'null'] } as Schema),
      ['+ Job.id · string'],
    ],
    ['a value goes', (copy) => states(copy).pop(), ['+ Job.state · may be "done"']],
    ['a refusal has another code', (copy) => (copy.components.responses.Refused = {}), ['+ POST /jobs · 409 taken']],
    ['a parameter must be sent', (copy) => (limit(copy).required = true), ['! GET /jobs · needs limit']],
    ['a limit is smaller', (copy) => (limit(copy).schema.maximum = 100), ['! GET /jobs ?limit · maximum 100']],
    [
      'a check is new',
      (copy) => Object.assign(body(copy).properties['name'] ?? {}, { pattern: 'a' }),
      ['! POST /jobs body.name · pattern a'],
    ],
    [
      'another scope is needed',
      (copy) => (copy.paths['/jobs'].get['x-k1n-scopes'] = ['all']),
      ['! GET /jobs · scope all'],
    ],
    [
      'a new member must be sent',
      (copy) => [body(copy).required.push('id'), (body(copy).properties['id'] = text)],
      ['! POST /jobs body · needs id'],
    ],
    [
      'an event tells less',
      (copy) => (copy.webhooks = {}),
      ['+ event job.done · object', '+ event job.done.id · string'],
    ],
  ])('%s', (_name, change, lines) => {
    expect(after(change)).toEqual(lines)
  })
})

describe('breaks nothing', () => {
  test.each<[string, (copy: Copy) => unknown]>([
    ['nothing changes', () => undefined],
    [
      'an operation comes',
      (copy) => (copy.paths['/new'] = { post: { ...copy.paths['/jobs'].post, operationId: 'x' } }),
    ],
    [
      'a parameter comes',
      (copy) => copy.paths['/jobs'].get.parameters.push({ name: 'q', schema: { ...text, maxLength: 5 } }),
    ],
    ['a member of a request comes', (copy) => (body(copy).properties['id'] = { ...text, maxLength: 5 } as Schema)],
    ['a member of an answer comes', (copy) => (job(copy).properties['more'] = text)],
    ['a value comes', (copy) => states(copy).push('later')],
    ['a limit is wider', (copy) => (limit(copy).schema.maximum = 500)],
    ['a default comes', (copy) => Object.assign(body(copy).properties['name'] ?? {}, { default: 'x' })],
    ['an answer has no further members', (copy) => (job(copy).additionalProperties = false)],
    ['a limit goes', (copy) => without(limit(copy).schema, 'maximum')],
    ['a member need not be sent any more', (copy) => body(copy).required.pop()],
    ['an event comes', (copy) => (copy.webhooks['job.new'] = copy.webhooks['job.done'])],
    ['words change', (copy) => (job(copy).description = 'other words')],
  ])('%s', (_name, change) => {
    expect(after(change)).toEqual([])
  })
})
