// Pages as they look, beside pictures somebody looked at and approved. Letters are drawn otherwise by another browser, so pictures are
// kept by its version; with another one nothing is compared, and that is said.
//
// K1N_TEST_APPROVE=world records what a k1n answers, and K1N_TEST_APPROVE=pictures takes the pictures anew: look at each that changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { furnish, openSite } from './browser.ts'
import type { Site, View, Visit } from './browser.ts'
import { pause } from './measure.ts'
import { pathsOf } from './paths.ts'
import { readWorld, record, replay, writeWorld, type World } from './replay.ts'
import { seedSpans } from './seeding.ts'

const PAGES = ['overview', 'timeline', 'analytics', 'queues', 'queue', 'jobs', 'job', 'schedules', 'deadLetters', 'breakers', 'webhooks', 'settings'] as const // prettier-ignore
const THEMES = ['light', 'dark'] as const
const SIZES = [
  { width: 1440, height: 900 },
  { width: 360, height: 780 },
] as const
/** Of all points of a picture. */
const TOLERANCE = 0.001
const approving = process.env['K1N_TEST_APPROVE']
let site: Site
let version: string
let blank: Visit

beforeAll(async () => {
  site = await openSite()
  blank = await site.visit({ signedIn: false })
  version = blank.context.browser()?.version() ?? 'unknown'
}, 180_000)
afterAll(() => site.close())

const settled = async (page: Page): Promise<void> => {
  await page.evaluate(() => document.fonts.ready)
  await page.waitForLoadState('networkidle')
  await pause(1_500)
}

/** A picture once the page stands still: on a busy machine a chart is drawn later than its data are there. */
const still = async (page: Page): Promise<Buffer> => {
  let last = await page.screenshot({ animations: 'disabled' })
  for (let tries = 0; tries < 20; tries++) {
    await pause(400)
    const next = await page.screenshot({ animations: 'disabled' })
    if (next.equals(last)) return next
    last = next
  }
  return last
}

const recordWorld = async (): Promise<void> => {
  const there = await furnish(site.stack)
  await seedSpans(site.stack, 2_000)
  const world: World = { at: '', paths: pathsOf(there), answers: {}, snapshots: {} }
  // What was just done comes to be told of.
  await pause(10_000)
  for (const size of SIZES) {
    const visit = await site.visit(size)
    await record(visit.page, world)
    for (const name of PAGES) {
      await visit.open(world.paths[name] ?? '/')
      // Each part of a page asks when it is seen.
      for (let at = 0; at < 12; at++) await visit.page.mouse.wheel(0, 500).then(() => pause(100))
      await settled(visit.page)
    }
    await visit.close()
  }
  world.at = new Date(Math.floor(Date.now() / 1_000) * 1_000).toISOString()
  writeWorld(world, site.stack.url)
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

const take = async (path: string, world: World, view: View, forced: boolean): Promise<Buffer> => {
  const visit = await site.visit({ ...view, signedIn: false, reducedMotion: 'reduce' })
  const unknown = await replay(visit.page, world)
  if (forced) await visit.page.emulateMedia({ forcedColors: 'active' })
  await visit.open(path)
  await settled(visit.page)
  const picture = await still(visit.page)
  expect.soft(unknown, 'asked for and never recorded').toEqual([])
  expect.soft(visit.mishaps).toEqual([])
  await visit.close()
  return picture
}

const folder = (): URL => new URL(`approved/chromium-${version}/`, import.meta.url)

test.runIf(approving === 'world')('a k1n is recorded', recordWorld, 300_000)

const views = PAGES.flatMap((name) =>
  THEMES.flatMap((theme) => SIZES.map((size) => ({ name, theme, ...size, forced: false }))),
)
const inSystemColours = { name: 'timeline', theme: 'light', ...SIZES[0], forced: true } as const

test.for([...views, inSystemColours])(
  '$name looks as approved: $theme, $width px wide, colours of the system: $forced',
  async ({ name, theme, width, height, forced }, { skip }) => {
    const world = readWorld()
    if (!world) throw new Error('nothing is recorded: run this with K1N_TEST_APPROVE=world first')
    const at = new URL(`${name}-${forced ? 'forced' : theme}-${width}.png`, folder())
    const isApproved = existsSync(at)
    if (approving !== 'pictures' && !isApproved)
      skip(`no picture of ${name} was approved for Chromium ${version}: look at it, and keep it with K1N_TEST_APPROVE=pictures`) // prettier-ignore
    const picture = await take(world.paths[name] ?? '/', world, { theme, width, height }, forced)
    const differs = isApproved ? await share(picture, readFileSync(at)) : 1
    if (approving === 'pictures' && differs > TOLERANCE) {
      mkdirSync(folder(), { recursive: true })
      return writeFileSync(at, picture)
    }
    expect.soft(differs).toBeLessThanOrEqual(TOLERANCE)
  },
)
