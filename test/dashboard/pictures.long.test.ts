// Pages as they look, beside pictures somebody looked at and approved. Letters are drawn otherwise by another browser, so pictures are
// kept by its version; with another one nothing is compared, and that is said.
//
// K1N_TEST_APPROVE=world keeps another k1n to look at, and K1N_TEST_APPROVE=pictures takes the pictures anew: look at each that changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { furnish, openSite, openVisits } from './browser.ts'
import type { View, Visit, Visits } from './browser.ts'
import { pause } from './measure.ts'
import { pathsOf } from './paths.ts'
import { seedSpans } from './seeding.ts'
import { keepWorld, NAMED, openWorld, readWorld, type World } from './world.ts'

const PAGES = ['overview', 'timeline', 'analytics', 'queues', 'queue', 'jobs', 'job', 'schedules', 'deadLetters', 'breakers', 'webhooks', 'settings'] as const // prettier-ignore
const THEMES = ['light', 'dark'] as const
const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 780 },
] as const
/** Of all points of a picture. */
const TOLERANCE = 0.001
const approving = process.env['K1N_TEST_APPROVE']
let world: World
let visits: Visits
let version: string
let blank: Visit
/** What was opened, to be closed from the last to the first. */
const closes: (() => Promise<void>)[] = []

/** Keeps what a k1n came to in its first moments. */
const recordWorld = async (): Promise<void> => {
  const site = await openSite(NAMED)
  const { stack } = site
  try {
    const there = await furnish(stack)
    await seedSpans(stack, 2_000)
    // What was just done comes to be told of.
    await pause(10_000)
    await keepWorld(stack, pathsOf(there))
  } finally {
    await site.close()
  }
}

beforeAll(async () => {
  if (approving === 'world') await recordWorld()
  const kept = readWorld()
  if (!kept) throw new Error('no k1n was kept to look at: run this with K1N_TEST_APPROVE=world first')
  world = kept
  const still = await openWorld(world)
  closes.push(() => still.stop())
  visits = await openVisits(still)
  closes.push(() => visits.close())
  blank = await visits.visit({ signedIn: false })
  version = blank.context.browser()?.version() ?? 'unknown'
}, 180_000)
afterAll(async () => {
  for (const close of closes.reverse()) await close()
})

const settled = async (page: Page): Promise<void> => {
  await page.evaluate(() => document.fonts.ready)
  await page.waitForLoadState('networkidle')
  await pause(1_500)
}

/** A picture once the page stands still: on a busy machine a chart is drawn later than its data are there. */
const standing = async (page: Page): Promise<Buffer> => {
  let last = await page.screenshot({ animations: 'disabled' })
  for (let tries = 0; tries < 20; tries++) {
    await pause(400)
    const next = await page.screenshot({ animations: 'disabled' })
    if (next.equals(last)) return next
    last = next
  }
  return last
}

/** How many points of all two pictures differ in. */
const share = async (one: Buffer, other: Buffer): Promise<number> => {
  await blank.page.goto('about:blank')
  return blank.page.evaluate(
    async (urls) => {
      const [first, second] = await Promise.all(
        urls.map(async (url) => {
          const bytes = Uint8Array.from(atob(url), (letter) => letter.charCodeAt(0))
          const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
          const pen = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
          pen?.drawImage(bitmap, 0, 0)
          return pen?.getImageData(0, 0, bitmap.width, bitmap.height)
        }),
      )
      if (!first || !second || first.width !== second.width || first.height !== second.height) return 1
      const [left, right] = [new Uint32Array(first.data.buffer), new Uint32Array(second.data.buffer)]
      return left.reduce((many, point, at) => many + Number(point !== right[at]), 0) / left.length
    },
    [one.toString('base64'), other.toString('base64')],
  )
}

const take = async (path: string, view: View, forced: boolean): Promise<Buffer> => {
  const visit = await visits.visit({ ...view, reducedMotion: 'reduce' })
  await visit.page.clock.setFixedTime(world.at)
  if (forced) await visit.page.emulateMedia({ forcedColors: 'active' })
  await visit.open(path)
  await settled(visit.page)
  const picture = await standing(visit.page)
  expect.soft(visit.mishaps).toEqual([])
  await visit.close()
  return picture
}

const folder = (): URL => new URL(`approved/chromium-${version}/`, import.meta.url)

const views = PAGES.flatMap((name) =>
  THEMES.flatMap((theme) => SIZES.map((size) => ({ name, theme, ...size, forced: false }))),
)
const inSystemColours = { name: 'timeline', theme: 'light', ...SIZES[0], forced: true } as const

test.for([...views, inSystemColours])(
  '$name looks as approved: $theme, $width px wide, colours of the system: $forced',
  async ({ name, theme, width, height, forced }, { skip }) => {
    const at = new URL(`${name}-${forced ? 'forced' : theme}-${width}.png`, folder())
    const isApproved = existsSync(at)
    if (approving !== 'pictures' && !isApproved)
      skip(`no picture of ${name} was approved for Chromium ${version}: look at it, and keep it with K1N_TEST_APPROVE=pictures`) // prettier-ignore
    const picture = await take(world.paths[name] ?? '/', { theme, width, height }, forced)
    const differs = isApproved ? await share(picture, readFileSync(at)) : 1
    if (approving === 'pictures' && differs > TOLERANCE) {
      mkdirSync(folder(), { recursive: true })
      return writeFileSync(at, picture)
    }
    expect.soft(differs).toBeLessThanOrEqual(TOLERANCE)
  },
)
