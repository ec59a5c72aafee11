// A double click or a lost network must not do a thing twice.
import { expect, test } from 'vitest'
import { ApiError } from '../../shared/kernel/client.ts'
import { toasts } from '../ui/toasts.ts'
import { Unreachable } from './failure.ts'
import { perform } from './gesture.ts'

test('after a lost network the same key is sent again, once', async () => {
  const keys: string[] = []
  const outcome = await perform({
    doing: 'Retrying',
    call: async (key) => {
      keys.push(key)
      if (keys.length === 1) throw new Unreachable()
      return 'ok'
    },
    done: () => 'Retried.',
  })
  expect(outcome).toEqual({ answer: 'ok' })
  expect(keys).toHaveLength(2)
  expect(keys[0]).toBe(keys[1])
  expect(keys[0]).toMatch(/^[\da-f]{32}$/)
  expect(toasts.shown.at(-1)).toMatchObject({ kind: 'done', text: 'Retried.' })
})

test('a refusal is told and not repeated', async () => {
  let calls = 0
  const outcome = await perform({
    doing: 'Cancelling',
    call: () => {
      calls += 1
      return Promise.reject(new ApiError(409, { detail: 'It finished already.' }, new Headers()))
    },
    done: () => 'Cancelled.',
  })
  expect(calls).toBe(1)
  expect(outcome).toMatchObject({ failure: { kind: 'conflict' } })
  expect(toasts.shown.at(-1)).toMatchObject({ kind: 'error', text: 'Cancelling did not work: It finished already.' })
})

test('what takes no key is not sent again: it may have been done', async () => {
  let calls = 0
  const outcome = await perform({
    doing: 'Making the key',
    call: () => {
      calls += 1
      return Promise.reject(new Unreachable())
    },
    done: () => 'Made it.',
  })
  expect(calls).toBe(1)
  const detail = 'k1n did not answer. It may have been done: look first.'
  expect(outcome).toMatchObject({ failure: { kind: 'offline', detail } })
  expect(toasts.shown.at(-1)).toMatchObject({ kind: 'error', text: `Making the key did not work: ${detail}` })
})
