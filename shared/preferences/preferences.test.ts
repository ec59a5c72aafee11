// Preferences are of whoever asks, change one by one, and survive what another version of k1n wrote.
import { describe, expect, person, test as rooms } from '../../test/support/rooms.ts'
import { PreferencesPatch } from './contract.ts'
import { firstPreferences } from './first-words.ts'
import { KEPT_MS, createPreferences } from './preferences.ts'
import type { PreferencesRoom } from './preferences.ts'

const test = rooms.extend<{ preferences: PreferencesRoom }>({
  preferences: async ({ kernel }, use) => use(createPreferences(kernel)),
})

describe('preferences', () => {
  test('are as at first until somebody changes them, and theirs alone', async ({ preferences, me }) => {
    expect(await preferences.show(me)).toEqual(firstPreferences())
    const changed = await preferences.edit(me, { theme: 'dark', zone: 'Europe/Berlin' })
    expect(changed).toEqual({ ...firstPreferences(), theme: 'dark', zone: 'Europe/Berlin' })
    expect(await preferences.show({ ...me, kind: 'session' })).toEqual(changed)
    expect(await preferences.show(person({ id: 'key_other' }))).toEqual(firstPreferences())
  })

  test('that two tabs change at once are both kept, and null puts one back', async ({ preferences, me }) => {
    await Promise.all([
      preferences.edit(me, { density: 'compact' }),
      preferences.edit(me, { keys: { n: 'q' }, wheel: 'zoom' }),
    ])
    expect(await preferences.show(me)).toMatchObject({ density: 'compact', keys: { n: 'q' }, wheel: 'zoom' })
    expect(await preferences.edit(me, { density: null, keys: null })).toMatchObject({
      density: 'comfortable',
      keys: {},
    })
    expect(await preferences.edit(me, {})).toMatchObject({ wheel: 'zoom' })
  })

  test('are forgotten a year after the last change', async ({ preferences, me, kernel }) => {
    await preferences.edit(me, { theme: 'dark' })
    const left = await kernel.redis.pttl(kernel.key('preferences', me.id))
    expect(left).toBeGreaterThan(KEPT_MS - 60_000)
    expect(left).toBeLessThanOrEqual(KEPT_MS)
  })

  test('that cannot be read are as at first, and hide no other', async ({ preferences, me, kernel }) => {
    await kernel.redis.hset(kernel.key('preferences', me.id), 'theme', '"sepia"', 'zone', 'Mars', 'density', '"compact"', 'new', '1') // prettier-ignore
    expect(await preferences.show(me)).toEqual({ ...firstPreferences(), density: 'compact' })
  })
})

describe('the schema of a change', () => {
  test.for<[string, unknown]>([
    ['zone', 'Mars/Base'],
    ['zone', ''],
    ['theme', 'sepia'],
    ['shortcuts', true],
    ['keys', { n: 'qq' }],
    ['keys', { n: ' ' }],
    ['keys', { n: 'q', m: 'q' }],
    ['keys', Object.fromEntries(Array.from({ length: 81 }, (_, n) => [`g ${String.fromCharCode(33 + n)}`, `h ${String.fromCharCode(33 + n)}`]))], // prettier-ignore
    ['pinned_lanes', { moon: ['a'] }],
    ['pinned_lanes', { queue: Array.from({ length: 21 }, (_, n) => `q${n}`) }],
    ['last_seen_at', 'yesterday'],
    ['font', 'Comic Sans'],
  ])('refuses %s of %j', ([name, value], { expect }) => {
    expect(PreferencesPatch.safeParse({ [name]: value }).success).toBe(false)
  })

  test('takes what there is', () => {
    const patch = { zone: 'Asia/Kathmandu', keys: { 'g o': 'h o', n: 'N', N: 'n' }, pinned_lanes: { queue: ['mail'] }, last_seen_at: null } // prettier-ignore
    expect(PreferencesPatch.parse(patch)).toEqual(patch)
  })
})
