// Settings must offer every zone, and say what became of a change.
import { expect, test } from 'vitest'
import { savingWords, sectionOf, zoneOptions } from './model.ts'

test('zones begin with the own one and UTC, and one that is chosen is among them', () => {
  const options = zoneOptions(['America/New_York', 'Asia/Katmandu', 'Europe/Berlin'], 'Europe/Berlin', 'Asia/Kathmandu')
  expect(options.map(({ value }) => value)).toEqual(['', 'UTC', 'America/New_York', 'Asia/Kathmandu', 'Europe/Berlin'])
  expect(options[0]?.label).toBe('This browser’s own: Europe/Berlin')
  expect(options[2]?.label).toBe('America/New York')
})

test('a change that was refused says why and what holds now', () => {
  expect(savingWords({ state: 'saved' })).toBe('All of it is saved.')
  expect(savingWords({ state: 'refused', failure: { kind: 'server', status: 503, detail: 'Redis cannot be reached.' } })).toBe('Not saved (503): Redis cannot be reached. It holds in this browser only.') // prettier-ignore
  expect(savingWords({ state: 'refused', failure: { kind: 'invalid', status: 422, detail: '/zone must be known.' } })).toMatch(/It was taken back\.$/) // prettier-ignore
})

test('a link names a section there is, or none', () => {
  expect([sectionOf('shortcuts'), sectionOf('moon'), sectionOf(undefined)]).toEqual(['shortcuts', undefined, undefined])
})
