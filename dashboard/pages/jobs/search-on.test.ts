// What going on with a search that ended early promises.
import { expect, test } from 'vitest'
import type { Job } from '../../../shared/jobs/contract.ts'
import { searchOn } from './search-on.ts'

/** Answers calls in their order, and tells the cursors they came with. */
const answering = (...calls: { ids: string[]; next: string | null; searched?: number; complete?: boolean }[]) => {
  const cursors: (string | undefined)[] = []
  const ask = (cursor: string | undefined) => {
    const { ids, next, searched = 100, complete = false } = calls[cursors.length] ?? { ids: [], next: 'on' }
    cursors.push(cursor)
    const data = ids.map((id) => ({ id }) as Job)
    return Promise.resolve({ data, page: { next_cursor: next }, searched: { searched, complete, unread: 1 } })
  }
  return { ask, cursors }
}

test('a look that ended early goes on from there until it has found enough', async () => {
  const { ask, cursors } = answering({ ids: [], next: 'a' }, { ids: ['one'], next: 'b' }, { ids: ['two'], next: 'c' })
  const found = await searchOn(ask, 2)
  expect([cursors, found.rows.map(({ id }) => id), found.next]).toEqual([[undefined, 'a', 'b'], ['one', 'two'], 'c'])
  expect(found.searched).toEqual({ searched: 300, complete: false, unread: 3 })
})

test('a full page, and the end, are asked for once', async () => {
  const full = answering({ ids: ['one'], next: 'a', complete: true })
  await searchOn(full.ask, 5)
  const whole = answering({ ids: [], next: null, complete: true })
  await searchOn(whole.ask, 5)
  expect([full.cursors, whole.cursors]).toEqual([[undefined], [undefined]])
})

test('after some calls somebody is asked first, and then it goes on behind what was found', async () => {
  const { ask, cursors } = answering()
  const first = await searchOn(ask, 5)
  expect([cursors.length, first.next]).toEqual([5, 'on'])
  const older = answering({ ids: ['three'], next: null, searched: 7, complete: true })
  const all = await searchOn(older.ask, 1, {
    rows: [{ id: 'one' } as Job],
    next: 'on',
    searched: { searched: 5, complete: false },
  })
  expect([older.cursors, all.rows.map(({ id }) => id), all.searched.searched]).toEqual([['on'], ['one', 'three'], 12])
})

test('a call that fails is told, as what it would have found is missing', async () => {
  const { ask } = answering({ ids: ['one'], next: 'a' })
  let calls = 0
  const failing = (cursor: string | undefined) => (calls++ === 0 ? ask(cursor) : Promise.reject(new Error('busy')))
  await expect(searchOn(failing, 5)).rejects.toThrow('busy')
})

test('a job that moved on while it was looked for is there once', async () => {
  const { ask } = answering({ ids: ['one', 'two'], next: 'a' }, { ids: ['one', 'three'], next: null, complete: true })
  expect((await searchOn(ask, 5)).rows.map(({ id }) => id)).toEqual(['one', 'two', 'three'])
})
