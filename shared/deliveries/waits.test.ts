// Why a delivery waits, as whoever looks at it is told.
import { describe, expect, test } from 'vitest'
import type { StatedJob } from '../bullmq/bullmq.ts'
import { waitOf } from './waits.ts'

const NOW = 1_000
const job = (state: StatedJob['state'], parked?: object, attemptsStarted = 1): StatedJob =>
  ({ state, job: { parked: parked && JSON.stringify(parked), attemptsStarted } }) as unknown as StatedJob
const at = (over: Partial<Parameters<typeof waitOf>[0]>) =>
  waitOf({ now: NOW, isEnabled: true, ahead: undefined, nextAt: null, restsUntil: undefined, job: job('waiting'), ...over }) // prettier-ignore

describe('a delivery waits', () => {
  test('because its endpoint is disabled, whatever else', () => {
    const all = { isEnabled: false, ahead: 'b', nextAt: NOW + 1, restsUntil: NOW + 1 }
    expect(at(all)).toMatchObject({ why: 'disabled', until: null, behind: null })
  })

  test('for the one it comes after, for its time, and for its endpoint to have rested', () => {
    expect(at({ ahead: 'b', nextAt: NOW + 1 })).toMatchObject({ why: 'ordered', behind: 'dlv_b' })
    expect(at({ nextAt: NOW + 1, restsUntil: NOW + 9 })).toMatchObject({ why: 'backoff', until: '1970-01-01T00:00:01.001Z' }) // prettier-ignore
    expect(at({ nextAt: NOW, restsUntil: NOW + 1 })).toMatchObject({ why: 'breaker', until: '1970-01-01T00:00:01.001Z' }) // prettier-ignore
  })

  test.each([
    ['budget', 'rate_limit'],
    ['concurrency', 'concurrency'],
    ['breaker', 'breaker'],
  ])('for what its worker put it off for: %s', (cause, why) => {
    expect(at({ job: job('delayed', { cause, ats: 2 }, 2), restsUntil: NOW })).toMatchObject({ why, until: null })
    // It was taken since, and sleeps for another reason.
    expect(at({ job: job('delayed', { cause, ats: 2 }, 3) })).toMatchObject({ why: 'line' })
  })

  test('in line, for a worker, or for nothing that is known', () => {
    expect(at({ job: job('delayed') })).toMatchObject({ why: 'line' })
    expect(at({})).toMatchObject({ why: 'worker', detail: 'It goes as soon as a worker takes it.' })
    expect(at({ job: undefined })).toBeNull()
  })
})
