// Searching jobs over HTTP.
import type { JobsSearch } from '../../../shared/jobs/search-words.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const path = '/api/v2/jobs/search'
const body = { name: 'http.request', data: { url: 'http://example.com/' } }
const name = { field: 'name', op: 'eq', value: 'x' }
const nested = (depth: number): unknown => (depth === 1 ? name : { and: [nested(depth - 1)] })

describe('200', () => {
  test('a tree finds the jobs it means, page by page, without payloads', async ({ door }) => {
    for (const id of ['a', 'b', 'c'])
      await door.client.jobs.create({ body: { ...body, id, tags: [`tag-${id}`, 'all'] } })
    const where = {
      and: [
        { field: 'state', op: 'in', value: ['waiting', 'active'] },
        {
          or: [
            { field: 'tag', op: 'eq', value: 'tag-a' },
            { field: 'id', op: 'eq', value: 't_c' },
          ],
        },
      ],
    }
    const search = { where, limit: 1 } as JobsSearch
    const first = await door.client.jobs.search({ body: search })
    expect(first).toMatchObject({ page: { limit: 1, has_more: true } })
    expect(first.data[0]?.data).toBeUndefined()
    const second = await door.client.jobs.search({ body: { ...search, cursor: first.page.next_cursor ?? '' } })
    const found = [first, second].flatMap(({ data }) => data.map(({ id }) => id))
    expect(found.sort()).toEqual(['http:t_a', 'http:t_c'])
    expect(second.searched).toMatchObject({ complete: true, fields: ['state', 'tag', 'id'], stopped_by: null })
  })

  test('without terms all are meant', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    expect((await door.client.jobs.search({ body: {} })).data.map((job) => job.id)).toEqual([id])
  })

  test('lists take globs of queues', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    const list = async (queue: string) =>
      (await door.client.jobs.list({ query: { queue: [queue] } })).data.map((job) => job.id)
    expect([await list('ht*'), await list('x*')]).toEqual([[id], []])
  })

  test('a key sees its queues only', async ({ door }) => {
    await door.client.jobs.create({ body })
    const key = await door.keyWith(['jobs:read'], ['mail-*'])
    const where = { field: 'queue', op: 'eq', value: '*' }
    const reply = await door.send('POST', path, { headers: { authorization: `Bearer ${key}` }, body: { where } })
    expect(reply).toMatchObject({ status: 200, json: { data: [] } })
  })
})

describe('403', () => {
  test('payloads are searched by who may see them', async ({ door }) => {
    const key = await door.keyOf('viewer')
    const where = { and: [{ field: 'data.url', op: 'eq', value: 'x' }] }
    const reply = await door.send('POST', path, { headers: { authorization: `Bearer ${key}` }, body: { where } })
    expect(expectProblem(reply, 403, 'insufficient-scope')['needed']).toBe('jobs:data')
  })
})

describe('422', () => {
  const many = (count: number) => ({ and: Array.from({ length: count }, () => name) })
  test.for<[string, unknown, string]>([
    ['a list', [], '#'],
    ['an unknown member', { colour: 1 }, '#/colour'],
    ['an empty term', { where: {} }, '#/where/field'],
    ['a field there is none of', { where: { ...name, field: 'colour' } }, '#/where/field'],
    ['a field of all objects', { where: { ...name, field: 'constructor' } }, '#/where/field'],
    ['an operator there is none of', { where: { ...name, op: 'like' } }, '#/where/op'],
    ['an operator its field does not take', { where: { ...name, op: 'gt' } }, '#/where/op'],
    ['no value', { where: { field: 'name', op: 'eq' } }, '#/where/value'],
    ['one value for many', { where: { ...name, op: 'in' } }, '#/where/value'],
    ['many values for one', { where: { ...name, value: ['a'] } }, '#/where/value'],
    ['an empty list', { where: { ...name, op: 'in', value: [] } }, '#/where/value'],
    ['too many values', { where: { ...name, op: 'in', value: Array(21).fill('a') } }, '#/where/value'],
    ['a state there is none of', { where: { field: 'state', op: 'in', value: ['active', 'moon'] } }, '#/where/value/1'],
    ['a moment that is none', { where: { field: 'created_at', op: 'gt', value: 'soon' } }, '#/where/value'],
    ['a text as a number', { where: { ...name, value: 7 } }, '#/where/value'],
    ['an order of truths', { where: { field: 'data.url', op: 'gt', value: true } }, '#/where/value'],
    ['an object as a value', { where: { ...name, value: { a: 1 } } }, '#/where/value'],
    ['a huge value', { where: { ...name, value: 'x'.repeat(501) } }, '#/where/value'],
    ['NUL', { where: { ...name, value: 'a\u0000' } }, '#/where/value'],
    ['half an emoji', { where: { ...name, value: '\ud800' } }, '#/where/value'],
    ['an empty group', { where: { and: [] } }, '#/where/and'],
    ['a group of two kinds', { where: { and: [name], or: [name] } }, '#/where'],
    ['a group that is a term', { where: { and: [name], ...name } }, '#/where'],
    [
      'a mistake deep inside',
      { where: { or: [name, { and: [name, { ...name, op: 'x' }] }] } },
      '#/where/or/1/and/1/op',
    ],
    ['five levels', { where: nested(5) }, '#/where/and/0/and/0/and/0/and'],
    ['thirty levels', { where: nested(15) }, '#/where/and/0/and/0/and/0/and'],
    ['a group of 21', { where: many(21) }, '#/where/and'],
    ['21 terms', { where: { or: [many(20), name] } }, '#/where/or/1'],
    ['a path nobody declared', { where: { field: 'data.__proto__.x', op: 'eq', value: 1 } }, '#/where/field'],
    ['a path of nothing', { where: { field: 'data.', op: 'eq', value: 1 } }, '#/where/field'],
    ['a page of nothing', { limit: 0 }, '#/limit'],
    ['a huge page', { limit: 201 }, '#/limit'],
  ])('%s', async ([, given, pointer], { door }) => {
    const document = expectProblem(await door.send('POST', path, { body: given }), 422, 'validation-failed')
    expect(document['errors']).toEqual(expect.arrayContaining([expect.objectContaining({ pointer })]))
  })
})

describe('400', () => {
  test('a tree nested without end is not read', async ({ door }) => {
    const raw = `{"where":${'{"and":['.repeat(500)}${']}'.repeat(500)}}`
    const reply = await door.send('POST', path, { raw, headers: { 'content-type': 'application/json' } })
    expectProblem(reply, 400, 'json-too-deep')
  })

  test('a changed cursor, or one of another search', async ({ door }) => {
    for (const id of ['a', 'b']) await door.client.jobs.create({ body: { ...body, id } })
    const where = { field: 'state', op: 'eq', value: 'waiting' }
    const { page } = await door.client.jobs.search({ body: { where, limit: 1 } as JobsSearch })
    const cursor = page.next_cursor ?? ''
    for (const given of [
      { where, cursor: `${cursor}x` },
      { where: name, cursor },
    ])
      expectProblem(await door.send('POST', path, { body: given }), 400, 'invalid-cursor')
  })
})

const declared = test.extend({ settings: { K1N_SEARCH_PATHS: 'order.place:customer.id, http.request:url' } })
describe('a path that a setting declares', () => {
  declared('is searched in jobs of that name', async ({ door }) => {
    const { id } = await door.client.jobs.create({ body })
    const where = { field: 'data.url', op: 'prefix', value: 'http://example' }
    expect((await door.client.jobs.search({ body: { where } as JobsSearch })).data.map((job) => job.id)).toEqual([id])
  })
})
