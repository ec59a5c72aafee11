// One k1n and one browser for several parts of a file of tests: starting them takes as long as the tests of a part.
import { afterAll, beforeAll } from 'vitest'
import { furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'

let opened: Site | undefined
let furnishing: ReturnType<typeof furnish> | undefined

/** Opens the site for the file that calls it, before its parts begin. Files of one process may each have theirs, in turn. */
export const openOneSite = (): void => {
  beforeAll(async () => {
    opened = await openSite()
  })
  afterAll(async () => {
    const site = opened
    opened = furnishing = undefined
    await site?.close()
  })
}

/** The site of the file that runs; there from the first `beforeAll` of a part on. */
export const theSite = (): Site => {
  if (opened === undefined) throw new Error('the site is not open yet: ask within a hook or a test')
  return opened
}

/** What the site is furnished with, once for all parts of the file. */
export const furnished = (): ReturnType<typeof furnish> => (furnishing ??= furnish(theSite().stack))
