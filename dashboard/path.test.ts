// Links must survive every name somebody gives a queue or a job.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { carried, fill, match, mergeSearch } from './path.ts'

test('any name that is not only dots comes back out of its own link', () => {
  const names = fc
    .string({ unit: 'binary', minLength: 1, maxLength: 40 })
    .filter((name) => name.isWellFormed() && !/^\.{1,2}$/.test(name))
  fc.assert(
    fc.property(names, (id) => {
      const { pathname } = new URL(fill('/jobs/:id', { id }), 'http://k1n.test')
      expect(match('/jobs/:id', pathname)).toEqual({ id })
    }),
    { numRuns: 300 },
  )
})

test('a path fits a pattern of as many segments only, and bad encoding fits none', () => {
  expect(match('/', '/')).toEqual({})
  expect(match('/jobs', '/jobs/')).toEqual({})
  expect(match('/jobs/:id', '/jobs')).toBeUndefined()
  expect(match('/jobs/:id', '/queues/a')).toBeUndefined()
  expect(match('/jobs/:id', '/jobs/%E0%A4%A')).toBeUndefined()
})

test('changing search keeps what it does not know and writes no defaults', () => {
  expect(mergeSearch('?t=1h&later=1', { q: 'state:failed', t: undefined })).toBe('?later=1&q=state:failed')
  expect(mergeSearch('?q=x', { q: '' })).toBe('')
})

test('time and zone travel to the next page, filters stay behind', () => {
  expect(carried('?t=6h&q=state:failed&tz=Asia/Tokyo')).toBe('?t=6h&tz=Asia/Tokyo')
  expect(carried('?q=x')).toBe('')
})
