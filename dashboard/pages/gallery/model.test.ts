// The gallery's examples must really be hostile and large, or looking at them proves nothing.
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
