// The gallery shows every part there is; and its examples must really be hostile and large, or looking at them proves nothing.
import { readFileSync, readdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hostileJson, largeJson } from './model.ts'

test('the hostile document is valid JSON with markup, reversed text and a number beyond doubles', () => {
  expect(Object.keys(JSON.parse(hostileJson) as object)).toContain('<img src=x onerror=alert(1)>')
  expect(hostileJson).toContain('12345678901234567890')
  expect(hostileJson).toContain('\u202E')
})

test('the large document has about five megabytes', () => {
  expect(largeJson().length).toBeGreaterThan(4_500_000)
})

const ui = new URL('../../ui/', import.meta.url)
const page = readFileSync(new URL('page.svelte', import.meta.url), 'utf8')
const parts = readdirSync(ui).flatMap((file) => (file.endsWith('.svelte') ? [file.replace('.svelte', '')] : []))
const isShown = (part: string): boolean =>
  page.includes(`import ${part} from '../../ui/${part}.svelte'`) && new RegExp(`<${part}\\b`).test(page)

/** Parts that the gallery does not show itself, with the one that shows them there. */
const within: Readonly<Record<string, string>> = {
  // The icon "dead": nothing else may draw it.
  DeadMark: 'Icon',
  // What fields have around them: alone it has nothing to be typed into.
  Labelled: 'Field',
}
/** Parts that stand around every page once: a second one would say everything twice. The gallery makes them speak. */
const around: Readonly<Record<string, string>> = { Toasts: 'toasts.done(' }

test('every part of the dashboard is in the gallery, itself or within another', () => {
  expect(parts.length).toBeGreaterThan(30)
  const missing = parts.filter((part) => !isShown(part))
  expect(missing.toSorted()).toEqual([...Object.keys(within), ...Object.keys(around)].toSorted())
})

test.each(Object.entries(within))('%s is seen within %s', (part, by) => {
  expect(readFileSync(new URL(`${by}.svelte`, ui), 'utf8')).toContain(`<${part}`)
  expect(isShown(by)).toBe(true)
})

test.each(Object.entries(around))('%s is made to speak by the gallery', (part, call) => {
  expect(readFileSync(new URL('../../shell/App.svelte', import.meta.url), 'utf8')).toContain(`<${part}`)
  expect(page).toContain(call)
})
