// Deadlines over one sleeper.
import { expect, test } from 'vitest'
import { stoppedClock } from '../kernel/clock.ts'
import { createDeadlines } from './deadlines.ts'

const setUp = () => {
  const clock = stoppedClock()
  const passed: string[] = []
  const deadlines = createDeadlines(clock)
  return { clock, passed, set: (ms: number, name: string) => deadlines.set(ms, () => passed.push(name)) }
}

test('each passes in its time, whatever the order they were set in', async () => {
  const { clock, passed, set } = setUp()
  set(300, 'late')
  set(100, 'early')
  set(200, 'between')
  await clock.advance(99)
  expect(passed).toEqual([])
  await clock.advance(1)
  expect(passed).toEqual(['early'])
  await clock.advance(100)
  expect(passed).toEqual(['early', 'between'])
  await clock.advance(1_000)
  expect(passed).toEqual(['early', 'between', 'late'])
})

test('one that was taken back never passes, and the others still do', async () => {
  const { clock, passed, set } = setUp()
  const forget = set(100, 'forgotten')
  set(150, 'kept')
  forget()
  await clock.advance(100)
  await clock.advance(50)
  expect(passed).toEqual(['kept'])
})

test('a thousand deadlines make one sleeper', () => {
  const { clock, set } = setUp()
  for (let index = 0; index < 1_000; index++) set(1_000 + index, '')
  expect(clock.sleepers).toBe(1)
})

test('a deadline set while another passes is kept', async () => {
  const { clock, passed, set } = setUp()
  const clockwork = createDeadlines(clock)
  clockwork.set(10, () => clockwork.set(10, () => passed.push('second')))
  set(5, 'first')
  await clock.advance(10)
  await clock.advance(10)
  expect(passed).toEqual(['first', 'second'])
})
