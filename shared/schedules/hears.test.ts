// What schedules hear of that wait for events: who lets them wait decides, and nobody widens it by the way.
import { expect, test } from 'vitest'
import { definition, record } from '../../test/support/schedules.ts'
import type { Principal } from '../auth/contract.ts'
import { hearsOf, shownHears } from './hears.ts'

const who = (queues: string[], scopes: Principal['scopes']): Principal => ({ kind: 'key', id: 'k', name: 'K', queues, scopes }) // prettier-ignore
const narrow = who(['reports'], ['schedules:write'])
const wide = who(['*'], ['schedules:write', 'events:read'])
const heard = { queues: ['reports'], outside: false }

const onEvents = definition({ trigger: { type: 'event', event: 'job.*' } })
const renamed = { ...onEvents, name: 'Other' }

test('is what they may read who let it wait, whoever changes it later', () => {
  expect(hearsOf(narrow, onEvents, undefined)).toEqual(heard)
  expect(hearsOf(narrow, onEvents, record('digest'))).toEqual(heard)
  const mine = record('digest', { definition: onEvents, hears: heard })
  expect(hearsOf(narrow, renamed, mine)).toEqual(heard)
  expect(hearsOf(wide, renamed, mine)).toEqual(heard)
  expect(hearsOf(narrow, definition(), mine)).toBeUndefined()
})

test('is shown, everything where code says so, and nothing of one that waits for no event', () => {
  expect(shownHears(record('digest', { definition: onEvents, hears: heard }))).toEqual(heard)
  expect(shownHears(record('digest', { definition: onEvents }))).toEqual({ queues: ['*'], outside: true })
  expect(shownHears(record('digest', { hears: heard }))).toBeNull()
})

test('is not nothing: who may not read events hears at once that one from outside would never set anything off', () => {
  const onOrders = definition({ trigger: { type: 'event', event: 'order.*' } })
  expect(() => hearsOf(narrow, onOrders, undefined)).toThrow('events:read')
  expect(hearsOf(wide, onOrders, undefined)).toEqual({ queues: ['*'], outside: true })
  const everything = definition({ trigger: { type: 'event', event: '*' } })
  expect(hearsOf(narrow, everything, undefined)).toEqual(heard)
})

test('is everything for what code says, and stays what it was for what was changed of it', () => {
  const coded = record('digest', { origin: 'code', definition: onEvents, declared: onEvents })
  expect(hearsOf(wide, renamed, coded)).toBeUndefined()
  expect(() => hearsOf(narrow, renamed, coded)).toThrow('hears of *')
  const theirs = record('digest', { origin: 'code', definition: renamed, declared: onEvents, hears: heard })
  expect(hearsOf(narrow, { ...onEvents, tags: ['mine'] }, theirs)).toEqual(heard)
  expect(hearsOf(narrow, onEvents, theirs)).toBeUndefined()
})
