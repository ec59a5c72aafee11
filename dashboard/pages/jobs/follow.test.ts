// A page on a slow line is told only what it shows.
import { expect, test } from 'vitest'
import { newsFor, queuesIn, shownIn } from './follow.ts'
import { readFilter } from './model.ts'

test('the jobs that are shown are listened to, and all of them where naming each would be too long', () => {
  expect(shownIn(['mail:1', 'mail:2'])).toEqual({ task_id: ['mail:1', 'mail:2'] })
  expect(shownIn(Array.from({ length: 501 }, (_, n) => `m:${n}`))).toBeUndefined()
  expect(shownIn(Array.from({ length: 50 }, (_, n) => `${'x'.repeat(300)}:${n}`))).toBeUndefined()
})

test.each([
  ['', ['job:added']],
  ['queue:mail boom', ['job:added']],
  ['state:failed', ['job:failed']],
  ['state:failed state:completed', ['job:failed', 'job:completed']],
  ['state:waiting', ['job:*']],
  ['state:failed state:delayed', ['job:*']],
])('a job that comes to fit "%s" is told by %j', (q, topics) => {
  expect(newsFor(readFilter(q))).toEqual(topics)
})

test('queues the filter names are the only ones listened to; a glob may mean any', () => {
  expect(queuesIn(readFilter('queue:mail queue:bills'))).toEqual({ queue: ['mail', 'bills'] })
  expect(queuesIn(readFilter('queue:mail queue:bill-*'))).toBeUndefined()
  expect(queuesIn(readFilter('state:failed'))).toBeUndefined()
})
