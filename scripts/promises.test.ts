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
        parameters: [{ name: 'limit', in: 'query', required: false, schema: { type: 'integer', maximum: 200 } }],
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
type Document = typeof document
const before = promisesOf(document)

/** What is broken when the document changes so. */
const after = (change: (copy: Document & Record<string, never>) => void): string[] => {
  const copy = structuredClone(document)
  change(copy as never)
  return broken(before, promisesOf(copy))
}

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment -- documents are changed out of their shape on purpose. */
const job = (copy: any) => copy.components.schemas.Job
const body = (copy: any) => copy.paths['/jobs'].post.requestBody.content.json.schema
const asked = (copy: any) => copy.paths['/jobs'].get.parameters

describe('breaks', () => {
  test.each<[string, (copy: any) => void, string[]]>([
    [
      'an operation goes',
      (copy) => delete copy.paths['/jobs'].post,
      expect.arrayContaining(['+ POST /jobs · createJob']) as never,
    ],
    ['a parameter goes', (copy) => void asked(copy).pop(), ['+ GET /jobs ?limit · integer']],
    ['a member of an answer goes', (copy) => delete job(copy).properties.at, ['+ Job.at · null or string']],
    ['a member may be absent', (copy) => job(copy).required.pop(), ['+ Job · always has state']],
    ['a member may be null', (copy) => (job(copy).properties.id = { type: ['string', 'null'] }), ['+ Job.id · string']],
    ['a value goes', (copy) => job(copy).properties.state.enum.pop(), ['+ Job.state · may be "done"']],
    ['a refusal has another code', (copy) => (copy.components.responses.Refused = {}), ['+ POST /jobs · 409 taken']],
    ['a parameter must be sent', (copy) => (asked(copy)[0].required = true), ['! GET /jobs · needs limit']],
    ['a limit is smaller', (copy) => (asked(copy)[0].schema.maximum = 100), ['! GET /jobs ?limit · maximum 100']],
    ['a check is new', (copy) => (body(copy).properties.name.pattern = 'a'), ['! POST /jobs body.name · pattern a']],
    [
      'another scope is needed',
      (copy) => (copy.paths['/jobs'].get['x-k1n-scopes'] = ['all']),
      ['! GET /jobs · scope all'],
    ],
    [
      'a new member must be sent',
      (copy) => (body(copy).required.push('id'), (body(copy).properties.id = text)),
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
  test.each<[string, (copy: any) => void]>([
    ['nothing changes', () => undefined],
    [
      'an operation comes',
      (copy) => (copy.paths['/new'] = { post: { ...copy.paths['/jobs'].post, operationId: 'x' } }),
    ],
    ['a parameter comes', (copy) => asked(copy).push({ name: 'q', schema: { ...text, maxLength: 5 } })],
    ['a member of a request comes', (copy) => (body(copy).properties.id = { ...text, maxLength: 5 })],
    ['a member of an answer comes', (copy) => (job(copy).properties.more = text)],
    ['a value comes', (copy) => job(copy).properties.state.enum.push('later')],
    ['a limit is wider', (copy) => (asked(copy)[0].schema.maximum = 500)],
    ['a limit goes', (copy) => delete asked(copy)[0].schema.maximum],
    ['a member need not be sent any more', (copy) => body(copy).required.pop()],
    ['an event comes', (copy) => (copy.webhooks['job.new'] = copy.webhooks['job.done'])],
    ['words change', (copy) => (job(copy).description = 'other words')],
  ])('%s', (_name, change) => {
    expect(after(change)).toEqual([])
  })
})
