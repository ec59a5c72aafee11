// Routes are found by how a path begins.
import { expect, test } from 'vitest'
import { createRouteTable } from './route-table.ts'
import type { Ctx } from './state.ts'

const setUp = () => {
  const table = createRouteTable()
  const taken: string[] = []
  const add = (path: string, ...methods: string[]): void =>
    table.add(path, methods, () => {
      taken.push(path)
    })
  const ask = async (path: string, method = 'GET', versionless?: string): Promise<string> => {
    taken.length = 0
    const ctx = { method, path, newRouterPath: versionless, host: 'localhost', request: {} } as unknown as Ctx
    await table.middleware(ctx, async () => void taken.push('nobody'))
    expect(ctx['_matchedRoute'] ?? 'nobody').toBe(taken.join())
    return taken.join()
  }
  return { table, add, ask }
}

test('the most exact route of a path takes a request, whatever was added first', async () => {
  const { add, ask } = setUp()
  add('/api/jobs/:id', 'get')
  add('/api/jobs/search', 'get')
  add('/api/queues/:name', 'get')
  expect(await ask('/api/jobs/search')).toBe('/api/jobs/search')
  expect(await ask('/api/jobs/7')).toBe('/api/jobs/:id')
  expect(await ask('/api/queues/mail')).toBe('/api/queues/:name')
})

test('a path that only a route without parameters takes is told apart', () => {
  const { table, add } = setUp()
  add('/api/jobs/:id', 'get')
  add('/api/jobs/search', 'get')
  expect(table.isExact('GET', '/api/jobs/search')).toBe(true)
  expect(table.isExact('POST', '/api/jobs/search')).toBe(false)
  expect(table.isExact('GET', '/api/jobs/:id')).toBe(false)
})

test('a path is read without its version, and to the letter', async () => {
  const { add, ask } = setUp()
  add('/api/jobs', 'post', 'get')
  add('/api/jobs/:id', 'post')
  expect(await ask('/api/v2/jobs', 'POST', '/api/jobs')).toBe('/api/jobs')
  expect(await ask('/api/v2/jobs/7', 'POST', '/api/jobs/7')).toBe('/api/jobs/:id')
  expect(await ask('/api/Jobs')).toBe('nobody')
  expect(await ask('/api/j%6Fbs')).toBe('nobody')
})

test('what no route takes goes on: another head, another method, a slash too many', async () => {
  const { add, ask } = setUp()
  add('/api/jobs', 'get')
  add('/docs', 'get')
  expect(await ask('/api/jobs', 'DELETE')).toBe('nobody')
  expect(await ask('/api/jobs/')).toBe('nobody')
  expect(await ask('/api')).toBe('nobody')
  expect(await ask('/docsx')).toBe('nobody')
  expect(await ask('/')).toBe('nobody')
})

test('a route that is added after the first request of its head is found', async () => {
  const { add, ask } = setUp()
  add('/api/jobs', 'get')
  expect(await ask('/api/jobs/late')).toBe('nobody')
  add('/api/jobs/late', 'get')
  expect(await ask('/api/jobs/late')).toBe('/api/jobs/late')
})

test('the methods of a path are those of all its routes', () => {
  const { table, add } = setUp()
  add('/api/jobs', 'get')
  add('/api/jobs', 'post')
  expect(table.methodsOf('/api/jobs').sort()).toEqual(['GET', 'HEAD', 'POST'])
  expect(table.methodsOf('/api/nothing')).toEqual([])
})

test('a head with a parameter is refused: it could not be found', () => {
  const { add } = setUp()
  expect(() => add('/api/:anything', 'get')).toThrow('has a parameter where routes are found by')
})
