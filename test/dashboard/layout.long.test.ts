// What is hard to lay out: names as long as they may be, counts of ten millions and of nothing, runs of forty days, paper, colours
// that the system chooses, and words on bars.
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'
import { seedSpans } from './seeding.ts'

const DAY = 86_400_000
const MANY = 10_000_000
const PIECE = 20_000
/** Queues whose runs take some seconds and are not many at once: their bars are wide and high enough for words. */
const WORDY = ['', '-12', '-20'].map((end) => `report.build${end}`)
const LONG_QUEUE = 'a-queue-that-somebody-gave-the-longest-name-there-may-be-'.repeat(2) + 'z'
const names = [
  'w'.repeat(120),
  'اسم طويل جدا '.repeat(9).trim(),
  '🎉👩‍👩‍👧‍👦 '.repeat(20).trim(),
  'a/b.c:d',
  '?x=1&y=#z %41',
] as const
let site: Site
let there: Awaited<ReturnType<typeof furnish>>
/** Addresses of the jobs with such names, in their order. */
let jobs: string[]
let forever: string
/** Until when the timeline has runs, epoch ms. */
let seeded: number

const fill = async (): Promise<void> => {
  const redis = new Redis(site.stack.redis.url)
  const connection = { url: site.stack.redis.url }
  const queue = new Queue(LONG_QUEUE, { connection })
  const added = await queue.addBulk(
    names.map((name, n) => ({ name, data: { [name]: name }, opts: { delay: 30 * DAY, jobId: `n${n}` } })),
  )
  jobs = added.map(({ id }) => `${LONG_QUEUE}:${id ?? ''}`)
  await queue.close()
  // A count is read from Redis; nothing need be behind it.
  const huge = new Queue('huge', { connection })
  await huge.waitUntilReady()
  await redis.hset('bull:huge:meta', 'version', 'bullmq:6.7.0', 'paused', '1')
  await redis.config('SET', 'appendonly', 'no')
  // In pieces that keep nobody else waiting.
  for (let n = 0; n < MANY / PIECE; n++)
    await redis.eval("for i = 1, tonumber(ARGV[1]) do redis.call('RPUSH', KEYS[1], i) end", 1, 'bull:huge:paused', PIECE) // prettier-ignore
  const zero = new Queue('zero', { connection })
  await zero.setGlobalConcurrency(1)
  await Promise.all([huge.close(), zero.close()])
  forever = (await site.stack.client.jobs.create({ body: { name: 'demo.mail', id: 'forever', data: { to: 'ada@example.org', subject: 'Slow', takes_ms: 5 } } })).id // prettier-ignore
  await until(
    () => site.stack.client.jobs.show({ params: { task_id: forever } }),
    ({ state }) => state === 'completed',
  )
  const hash = `bull:mail:${forever.slice(5)}`
  const ended = Number(await redis.hget(hash, 'finishedOn'))
  await redis.hset(hash, 'processedOn', ended - 40 * DAY, 'timestamp', ended - 41 * DAY)
  redis.disconnect()
}

beforeAll(async () => {
  site = await openSite()
  there = await furnish(site.stack)
  seeded = Date.now()
  await seedSpans(site.stack, 5_000)
  await fill()
  await until(
    () => site.stack.client.jobs.list({ query: { queue: [LONG_QUEUE] } }),
    ({ data }) => data.length === names.length,
    250,
  )
  // Queues that come from elsewhere are looked for every few seconds, and a page shows the past as it was known when it was opened.
  await until(
    () => site.stack.client.queues.list(),
    ({ data }) => WORDY.every((name) => data.some((one) => one.name === name)),
  )
  const asked = { queue: WORDY, from: new Date(seeded - 180_000).toISOString(), to: new Date(seeded - 120_000).toISOString() } // prettier-ignore
  await until(
    () => site.stack.client.timeline.spans({ query: asked }),
    ({ id }) => id.length > 5,
  )
}, 240_000)
afterAll(() => site.close())

/** Texts that lie over one another, and what reaches beyond the side. */
const disorder = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const found: string[] = []
    if (document.documentElement.scrollWidth > innerWidth)
      found.push(`scrolls to ${document.documentElement.scrollWidth} px`)
    const pieces: { rect: DOMRect; node: Node; text: string }[] = []
    const walker = document.createTreeWalker(document.querySelector('main') as Element, NodeFilter.SHOW_TEXT)
    const range = document.createRange()
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement
      if (
        !holder ||
        (node.textContent ?? '').trim() === '' ||
        !holder.checkVisibility({ visibilityProperty: true, opacityProperty: true })
      )
        continue
      if (
        holder.closest(
          '.visually-hidden, [popover], dialog, select, option, textarea, .late, [style*="position: absolute"], thead',
        )
      )
        continue
      range.selectNodeContents(node)
      // What is cut off by an edge is not seen there.
      let [left, right, top, bottom] = [-Infinity, Infinity, -Infinity, Infinity]
      let floats = false
      for (let over: HTMLElement | null = holder; over && over.tagName !== 'MAIN'; over = over.parentElement) {
        const { overflowX, overflowY, position } = getComputedStyle(over)
        floats ||= position === 'fixed' || position === 'sticky'
        const edge = over.getBoundingClientRect()
        if (overflowX !== 'visible') [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)]
        if (overflowY !== 'visible') [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)]
      }
      if (floats) continue
      for (const one of range.getClientRects()) {
        const rect = new DOMRect(Math.max(one.left, left), Math.max(one.top, top), 0, 0)
        rect.width = Math.min(one.right, right) - rect.left
        rect.height = Math.min(one.bottom, bottom) - rect.top
        if (rect.width > 1 && rect.height > 1)
          pieces.push({ rect, node, text: (node.textContent ?? '').trim().slice(0, 30) })
      }
    }
    for (const [place, one] of pieces.entries())
      for (const other of pieces.slice(place + 1)) {
        if (one.node.parentElement === other.node.parentElement) continue
        const wide = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left)
        const high = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top)
        if (wide > 2 && high > 5) found.push(`${one.text} × ${other.text}`)
      }
    return [...new Set(found)]
  })

describe.each([1440, 360])('at %i px', (width) => {
  test('long names, ten millions, nothing and forty days lie over nothing, and their links lead there', async () => {
    const visit = await site.visit({ width, height: width === 360 ? 780 : 900 })
    const { page } = visit
    const queue = encodeURIComponent(LONG_QUEUE)
    const paths = ['/', '/queues', '/queues/huge', '/queues/zero', `/queues/${queue}`, `/jobs?q=queue:${LONG_QUEUE}`, `/jobs/${forever}`, '/jobs?q=queue:mail', ...jobs.map((id) => `/jobs/${encodeURIComponent(id)}`)] // prettier-ignore
    for (const path of paths) {
      await visit.open(path)
      await page.waitForLoadState('networkidle')
      expect.soft(await disorder(page), path).toEqual([])
    }
    await visit.open('/queues/huge')
    await page.getByText('10,000,000').first().waitFor()
    await visit.open(`/jobs/${forever}`)
    await page.getByText(/40 d/).first().waitFor()
    for (const [place, name] of names.entries()) {
      await visit.open(`/jobs?q=queue:${LONG_QUEUE}`)
      await page
        .locator(`main a[title="${jobs[place] ?? ''}"]`)
        .first()
        .click()
      await page.waitForFunction((id) => decodeURIComponent(location.pathname).endsWith(id), jobs[place] ?? '')
      await page.getByText(name, { exact: false }).first().waitFor()
    }
    expect(visit.mishaps).toEqual([])
    await visit.close()
  })
})

test('a job is read on paper: how it stands, why it failed, and what it carried', async () => {
  const visit = await site.visit({ theme: 'dark', width: 794, height: 1_123 })
  const { page } = visit
  await visit.open(`/jobs/${there.dead}?tab=payload`)
  await page.getByRole('tabpanel').first().waitFor()
  await page.emulateMedia({ media: 'print' })
  await page.locator('html[data-theme=light]').waitFor()
  const text = await page.locator('body').innerText()
  expect(text).toMatch(/Failed|Dead/)
  expect(text).toContain('refused for good')
  expect(text).toContain('ada@example.org')
  expect(text).not.toMatch(/Retry now|Copy as curl|Timeline\nAnalytics/)
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(794)
  expect(await disorder(page)).toEqual([])
  const pdf = await page.pdf({ format: 'A4' })
  expect(pdf.byteLength).toBeGreaterThan(5_000)
  await visit.close()
})

test('in colours the system chooses each state still has a shape of its own, and one sees where one is', async () => {
  const visit = await site.visit()
  const { page } = visit
  await page.emulateMedia({ forcedColors: 'active' })
  await visit.open('/gallery')
  const chips = await page.locator('main .chip, main [class*=chip]').evaluateAll((all) =>
    all.flatMap((one) => {
      const icon = one.querySelector('svg')
      const words = one.textContent.trim()
      return icon && words !== ''
        ? [{ words, shape: icon.innerHTML.replaceAll(/<!--.*?-->/g, ''), size: icon.getBoundingClientRect().width }]
        : []
    }),
  )
  // Those of jobs; other things borrow the shape of the one that means the same.
  const states = ['Waiting', 'Delayed', 'Running', 'Done', 'Retrying', 'Failed', 'Dead letter', 'Stalled', 'Held', 'Cancelled'] // prettier-ignore
  const shapes = new Map(chips.map(({ words, shape }) => [words, shape]))
  expect(new Set(states.map((state) => shapes.get(state))).size).toBe(states.length)
  expect(states.filter((state) => !shapes.has(state))).toEqual([])
  expect(chips.every(({ size }) => size >= 8)).toBe(true)
  await visit.open('/jobs')
  const current = page.getByRole('navigation').first().locator('[aria-current=page]')
  const { outlineStyle, outlineWidth } = await current.evaluate((one) => getComputedStyle(one))
  expect([outlineStyle, parseFloat(outlineWidth) >= 2]).toEqual(['solid', true])
  await visit.close()
})

interface Ink {
  bar: string
  /** Pixels where words are that are far enough from the bar to be read, and in how many columns and rows those are. */
  read: number
  columns: number
  rows: number
}

/** For each bar that is wide enough for words: the colour it has, and what can be read on it where its words are. */
const inks = (page: Page): Promise<Ink[]> =>
  page.evaluate(() => {
    const light = ([r = 0, g = 0, b = 0]: number[]): number => {
      const [x, y, z] = [r, g, b].map((each) => {
        const share = each / 255
        return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      }) as [number, number, number]
      return 0.2126 * x + 0.7152 * y + 0.0722 * z
    }
    const between = (one: number[], other: number[]): number => {
      const [high, low] = [light(one), light(other)].toSorted((a, b) => b - a) as [number, number]
      return (high + 0.05) / (low + 0.05)
    }
    const canvas = [...document.querySelectorAll('main canvas')].find((one) => one.getBoundingClientRect().width > 400) as HTMLCanvasElement // prettier-ignore
    const context = canvas.getContext('2d') as CanvasRenderingContext2D
    const own = canvas.getBoundingClientRect()
    const scale = canvas.width / own.width
    const { data, width } = context.getImageData(0, 0, canvas.width, canvas.height)
    const at = (x: number, y: number): number[] => [...data.slice((y * width + x) * 4, (y * width + x) * 4 + 3)]
    const cells = [...document.querySelectorAll('[role=gridcell]')].map((one) => one.getBoundingClientRect()).filter((one) => one.width > 90 && one.left >= own.left && one.right <= own.right && one.top >= own.top && one.bottom <= own.bottom) // prettier-ignore
    return cells.map((cell) => {
      const counts = new Map<string, number>()
      // Behind the strokes that tell how urgent it is, of which the last ends 15 px from where the bar begins, and which have the
      // colour of the words; and away from the edges of the bar.
      const [x0, x1] = [
        Math.round((cell.left + 17 - own.left) * scale),
        Math.round((cell.left + 67 - own.left) * scale),
      ]
      const y0 = Math.round((cell.top + cell.height / 2 - 6 - own.top) * scale)
      const pixels = Array.from({ length: Math.round(12 * scale) * (x1 - x0) }, (_, n) => {
        const [x, y] = [x0 + (n % (x1 - x0)), y0 + Math.floor(n / (x1 - x0))]
        const key = at(x, y).join()
        counts.set(key, (counts.get(key) ?? 0) + 1)
        return { x, y, key }
      })
      const [bar = ''] = [...counts].toSorted(([, one], [, other]) => other - one)[0] ?? []
      const fill = bar.split(',').map(Number)
      // The edges of letters are mixed with the bar: what counts is how much of them is not.
      const read = pixels.filter(({ key }) => between(fill, key.split(',').map(Number)) >= 4.5)
      return {
        bar,
        read: read.length,
        columns: new Set(read.map(({ x }) => x)).size,
        rows: new Set(read.map(({ y }) => y)).size,
      }
    })
  })

test.each(['light', 'dark'] as const)(
  'in the %s theme the words on bars are read, in the font of the page',
  async (theme) => {
    const visit = await site.visit({ theme })
    const { page } = visit
    const bars: string[] = []
    for (const color of ['status', 'priority'])
      for (const ago of [180_000, 150_000]) {
        const [from, to] = [seeded - ago, seeded - ago + 30_000].map((at) => new Date(at).toISOString())
        await visit.open(`/timeline?from=${from}&to=${to}&color=${color}&lanes=${WORDY.join(',')}`)
        await page.getByRole('gridcell').nth(2).waitFor()
        expect(await page.evaluate(() => document.fonts.check('12px "Atkinson Hyperlegible Next Variable"'))).toBe(true)
        // The shortest words, `5.3 s`, are about as much; what is drawn is so a moment after it can be asked for.
        const pale = ({ read, columns, rows }: Ink): boolean => read < 12 || columns < 5 || rows < 6
        let all: Ink[] = []
        await expect
          .poll(async () => (all = await inks(page)).length, { message: `bars by ${color}` })
          .toBeGreaterThan(0)
        await expect
          .poll(async () => (all = await inks(page)).filter(pale), { message: `words by ${color}` })
          .toEqual([])
        bars.push(...all.map(({ bar }) => bar))
      }
    // Words have a colour for each fill.
    expect(bars.length).toBeGreaterThan(5)
    expect(new Set(bars).size).toBeGreaterThan(2)
    await visit.close()
  },
)
