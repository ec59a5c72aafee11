// The list must say what stands in the way of a queue, and keep still while somebody reads it.
import { expect, test } from 'vitest'
import { sortQueues } from '../overview/model.ts'
import { fits, standingOf, stateIn, summaryWords, withState } from './model.ts'
import { queueWith } from './testing.ts'

const counts = queueWith().counts
const paused = queueWith({ name: 'paused', paused: true })
const lonely = queueWith({ name: 'lonely', workers: 0, counts: { ...counts, waiting: 3 } })
const idle = queueWith({ name: 'idle', own: false, workers: 0 })

test('what stands in the way is said first', () => {
  const held = {
    service: 'smtp',
    cause: 'breaker',
    until: '2026-11-22T10:00:00.000Z',
    reason: 'It is open.',
  } as const
  expect(standingOf(paused)).toEqual({ state: 'paused' })
  expect(standingOf(queueWith({ held }))).toEqual({ state: 'held' })
  expect(standingOf(lonely)).toEqual({ state: 'stalled', word: 'No worker' })
  expect(standingOf(idle)).toEqual({ state: 'idle' })
})

test('a filter narrows by name, state and owner', () => {
  const named = (q: string) => [paused, lonely, idle].filter((queue) => fits(queue, q)).map(({ name }) => name)
  expect(named('')).toEqual(['paused', 'lonely', 'idle'])
  expect(named('L')).toEqual(['lonely', 'idle'])
  expect(named('state:stalled lone')).toEqual(['lonely'])
  expect(named('own:no')).toEqual(['idle'])
  expect(stateIn('mail state:paused')).toBe('paused')
  expect(stateIn('state:moon')).toBe('')
  expect(withState('mail state:paused', 'idle')).toBe('state:idle mail')
  expect(withState('mail state:paused', '')).toBe('mail')
})

test('rows stay where they are while somebody reads them', () => {
  const all = [idle, lonely, paused]
  expect(sortQueues(all).map(({ name }) => name)).toEqual(['paused', 'lonely', 'idle'])
  expect(sortQueues(all, [idle, lonely]).map(({ name }) => name)).toEqual(['idle', 'lonely', 'paused'])
})

test('the line says how many there are and what is wrong with them', () => {
  expect(summaryWords([paused, lonely], 3)).toBe('2 queues of 3, 1 paused, 1 without a worker, trouble first.')
  expect(summaryWords([idle], 1)).toBe('1 queue, trouble first.')
})
