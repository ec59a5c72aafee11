// What is sent for a job must be what was asked, and nothing be offered that the job's state forbids.
import { describe, expect, test } from 'vitest'
import type { Job } from '../../../shared/jobs/contract.ts'
import { asCode, inputOf, patched, readChange, refusal, scopeOf } from './acts.ts'

const job = (given: Partial<Job>): Job =>
  ({ name: 'send', queue: 'mail', state: 'waiting', data: { to: 'a' }, priority: 0, dlq_id: null, ...given }) as Job

describe('what cannot be done says why', () => {
  test.each([
    ['change', 'waiting', undefined],
    ['change', 'active', 'It does not wait to be started'],
    ['remove', 'active', 'It runs; cancel it first'],
    ['remove', 'completed', undefined],
    ['skip', 'failed', undefined],
    ['skip', 'completed', 'Nothing of it is left to skip'],
    ['clone', 'active', undefined],
  ] as const)('%s of one that is %s', (act, state, reason) => {
    expect(refusal(act, job({ state }))).toBe(reason)
  })

  test('an edit needs members to edit, and of a dead letter the right to recover', () => {
    expect(refusal('edit', job({ data: [1] }))).toBe('Its payload is no object')
    expect(refusal('edit', job({ data: { redacted: true } }))).toBe('Its payload is not shown: needs jobs:data')
    expect(refusal('edit', job({ data: { redacted: true }, dlq_id: 'mail:1~2' }))).toBeUndefined()
    expect(scopeOf('edit', job({}))).toBe('jobs:write')
    expect(scopeOf('edit', job({ dlq_id: 'mail:1~2' }))).toBe('recovery:write')
  })
})

test('another priority and time are sent only where they were given', () => {
  expect(readChange('', '')).toEqual({ body: {} })
  expect(readChange('high', '15 min')).toEqual({ body: { priority: 'high', delay_ms: 900_000 } })
  expect(readChange('', 'soon')).toEqual({ body: {}, error: 'Write it as 90 s, 15 min or 1 h 30 min.' })
})

test('a patch is merged as the API merges it', () => {
  expect(patched({ a: 1, b: { c: 2, d: 3 } }, { a: null, b: { c: 4 }, e: [5] })).toEqual({ b: { d: 3, c: 4 }, e: [5] })
  expect(patched({ b: 1 }, { b: { c: null, d: 1 } })).toEqual({ b: { d: 1 } })
})

test('the code sends what the job was', () => {
  expect(inputOf(job({ priority: 10 }))).toEqual({ name: 'send', queue: 'mail', data: { to: 'a' }, options: { priority: 10 } }) // prettier-ignore
  expect(asCode(job({}), 'https://k1n')).toContain(`JSON.stringify({"name":"send","queue":"mail","data":{"to":"a"}})`)
})
