// What becomes of schedules: whose slots are whose after a change or a pause, and what stays changed of what code declares.
import { describe, expect, test } from 'vitest'
import { definition, record } from '../../test/support/schedules.ts'
import { ownSince } from './planned.ts'
import { asDeclared, paused, redefined, resumed } from './policy.ts'

const at = (now: number) => ({ now, by: 'Grace' })
const base = record('digest', { since: 1_000 })
const asleep = (until: number | null) => ({ ...base, pause: { reason: null, by: 'Ada', at: 2_000, until } })

describe('slots from before', () => {
  test('are none of another trigger, and stay those of one that was only renamed', () => {
    const trigger = { type: 'interval', every_ms: 5_000, offset_ms: 0 } as const
    expect(redefined(base, definition({ trigger }), at(9_000)).since).toBe(9_000)
    expect(redefined(base, definition({ start_at: '2026-01-01T00:00:00.000Z' }), at(9_000)).since).toBe(9_000)
    expect(redefined(base, definition({ name: 'Other', overlap: 'skip' }), at(9_000))).toMatchObject({ since: 1_000, by: 'Grace' }) // prettier-ignore
  })

  test('are none of one that may run more often than it might', () => {
    const max = (max_runs: number | null) => definition({ max_runs })
    const since = (before: number | null, after: number | null) =>
      redefined({ ...base, definition: max(before) }, max(after), at(9_000)).since
    expect([since(2, 3), since(2, null)]).toEqual([9_000, 9_000])
    expect([since(3, 2), since(null, 2), since(null, null)]).toEqual([1_000, 1_000, 1_000])
  })

  test('that lay in a pause are none, whoever ended it', () => {
    expect(resumed(asleep(null), at(9_000))).toMatchObject({ since: 9_000, pause: null })
    expect(ownSince(asleep(5_000), 9_000)).toBe(5_000)
    expect(redefined(asleep(5_000), definition({ name: 'Other' }), at(9_000))).toMatchObject({ since: 5_000, pause: null }) // prettier-ignore
    expect(redefined(asleep(10_000), definition({ name: 'Other' }), at(9_000))).toMatchObject({ since: 1_000, pause: { until: 10_000 } }) // prettier-ignore
    const again = paused(asleep(5_000), { reason: 'again', until: null }, at(9_000))
    expect(again).toMatchObject({ since: 5_000, pause: { reason: 'again', at: 9_000, until: null } })
  })

  test('that were due when a pause began are remembered until a later one, however often it is paused again', () => {
    const earlier = { since: 1_000, until: 2_000 }
    const again = paused(asleep(null), { reason: 'again', until: null }, at(5_000))
    expect(again).toMatchObject({ earlier, since: 5_000 })
    expect(resumed({ ...again, version: 2 }, at(9_000))).toMatchObject({ earlier, since: 9_000 })
    const later = paused({ ...resumed(asleep(null), at(5_000)), version: 2 }, { reason: null, until: null }, at(7_000))
    expect(resumed({ ...later, version: 3 }, at(9_000)).earlier).toEqual({ since: 5_000, until: 7_000 })
    const trigger = { type: 'interval', every_ms: 5_000, offset_ms: 0 } as const
    expect(redefined({ ...again, version: 2 }, definition({ trigger }), at(9_000)).earlier).toBeUndefined()
  })
})

describe('what code declares', () => {
  const coded = record('digest', { origin: 'code', declared: definition(), definition: definition() })

  test('is told apart from what was changed of it, and changed back is not changed', () => {
    const edited = redefined(coded, definition({ overlap: 'skip', queue: 'reports' }), at(9_000))
    expect([...edited.changed].sort()).toEqual(['overlap', 'queue'])
    expect(redefined({ ...edited, version: 2 }, definition(), at(9_000)).changed).toEqual([])
  })

  test('comes back as a whole or by member, also one that it leaves out', () => {
    const edited = { ...coded, definition: definition({ overlap: 'skip', queue: 'reports' }) }
    expect(asDeclared(edited, undefined)).toEqual(definition())
    expect(asDeclared(edited, ['queue'])).toEqual(definition({ overlap: 'skip' }))
    expect(asDeclared(base, undefined)).toBe(base.definition)
  })
})
