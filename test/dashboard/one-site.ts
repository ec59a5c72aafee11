// One k1n and one browser for several files of tests: starting them takes as long as the tests of a file.
import { afterAll, beforeAll } from 'vitest'
import { openSite } from './browser.ts'
import type { Site } from './browser.ts'

let opened: Site | undefined
beforeAll(async () => {
  opened = await openSite()
})
afterAll(() => opened?.close())

/** The site of the file that runs; there from its first `beforeAll` on. */
export const theSite = (): Site => {
  if (opened === undefined) throw new Error('the site is not open yet: ask within a hook or a test')
  return opened
}
