// The dashboard must not lie, jump or leave anybody out: each of these was seen once.
import { Queue } from 'bullmq'
import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import type { furnish, Site } from './browser.ts'
import { furnished, theSite } from './one-site.ts'

let site: Site
let jobs: Awaited<ReturnType<typeof furnish>>

const longQueue = 'queue-with-a-very-long-name-'.repeat(4) + 'end'

/** What the cells of the timeline say and where they lie, once they have been the same for half a second of frames. */
const cellsAtRest = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        let [last, frames] = ['', 0]
        const look = (): void => {
          const cells = [...document.querySelectorAll<HTMLElement>('[role=gridcell]')]
          const now = cells.map((cell) => `${cell.ariaLabel} ${cell.style.cssText}`).join('\n')
          frames = now === last ? frames + 1 : 0
          last = now
          if (frames < 30) requestAnimationFrame(look)
          else resolve(now)
        }
        requestAnimationFrame(look)
      }),
  )

/** Lengths of time that a page said it was about, as it says them. */
interface Lengths {
  lengths: Set<string>
}

/** Notes with each frame what the page says of the time it is about. */
const hearLengths = (): void => {
  const { lengths } = Object.assign(globalThis, { lengths: new Set<string>() })
  const between = (texts: readonly string[] = []): void => {
    const [from = NaN, to = NaN] = texts.map((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
    const minutes = (to - from + 1440) % 1440
    // Minutes that began are counted.
    if (!Number.isNaN(minutes)) lengths.add(minutes <= 16 ? '15 m' : `${minutes} minutes`)
  }
  const look = (): void => {
    const text = (selector: string): string => document.querySelector<HTMLElement>(selector)?.innerText ?? ''
    const picked = document.querySelector<HTMLInputElement>('.pulse .ranges input:checked')
    if (picked) lengths.add(picked.labels?.[0]?.innerText ?? '')
    const pulse = document.querySelector('.pulse [role=img]')?.ariaLabel ?? ''
    for (const [, said = ''] of `${pulse} ${text('#main')}`.matchAll(/\blast (\d+ [mh])\b/gi)) lengths.add(said)
    between(document.querySelector('[role=grid]')?.ariaLabel?.match(/\d\d:\d\d/g) ?? undefined)
    between([...document.querySelectorAll<HTMLInputElement>('#main input[type=datetime-local]')].map(({ value }) => value.slice(11, 16))) // prettier-ignore
    requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
}

const lengthsOf = (): string[] => [...(globalThis as unknown as Lengths).lengths]

const frames = async (count: number): Promise<void> => {
  for (let frame = 0; frame < count; frame++) await new Promise(requestAnimationFrame)
}

describe('truth', () => {
  beforeAll(async () => {
    site = theSite()
    await addLongNames()
    jobs = await furnished()
  })

  // Begun before all else, as it takes some seconds until a queue of others is found.
  const addLongNames = async (): Promise<void> => {
    const queue = new Queue(longQueue, { connection: { url: site.stack.redis.url } })
    for (const each of ['w'.repeat(120), 'اسم طويل جدا '.repeat(9), '🎉 '.repeat(40)])
      await queue.add(each, {}, { delay: 3.4e9 })
    await queue.close()
  }

  test.each(['/timeline', '/timeline?view=table', '/analytics', '/breakers', '/queues/mail', '/'])(
    '%s of a k1n that has run for minutes is about a quarter of an hour from its first frame on',
    async (path) => {
      const visit = await site.visit()
      const { page } = visit
      await page.addInitScript(hearLengths)
      // How old the data are is known late, by question and by news.
      const shown = Promise.withResolvers<undefined>()
      await page.route('**/stats/overview', (route) => shown.promise.then(() => route.continue()))
      await page.routeWebSocket(/./, (socket) => shown.promise.then(() => void socket.connectToServer()))
      await page.goto(path)
      await page.locator('h1').waitFor()
      await page.evaluate(frames, 5)
      shown.resolve(undefined)
      await page.getByRole('radio', { name: '15 m', exact: true, checked: true }).waitFor()
      await page.locator('#main').getByText(/\S/).first().waitFor()
      await page.evaluate(frames, 20)
      expect(await page.evaluate(lengthsOf)).toEqual(['15 m'])
      await visit.close()
    },
  )

  test('a page about a span of time is there though the age of the data is not told, and stays as it is once that is', async () => {
    const visit = await site.visit()
    const { page } = visit
    const drawn = Promise.withResolvers<undefined>()
    await page.route('**/stats/overview', (route) => drawn.promise.then(() => route.continue()))
    // Nor does the stream tell it.
    await page.routeWebSocket(/./, () => undefined)
    await page.addInitScript(hearLengths)
    await page.goto('/timeline')
    await page.getByRole('grid').waitFor()
    drawn.resolve(undefined)
    await page.getByRole('img', { name: /^Last 1 h: \d/ }).waitFor()
    await page.evaluate(frames, 20)
    expect(await page.evaluate(lengthsOf)).toEqual(expect.not.arrayContaining(['15 m']))
    await visit.close()
  })

  test('the strip of the overview is as high as its lanes', async () => {
    const visit = await site.visit()
    await visit.open('/')
    const strip = visit.page.locator('section[aria-labelledby=strip]')
    await strip.getByRole('listitem').filter({ hasText: 'billing' }).waitFor()
    const last = await strip.locator('.strip ul li').last().boundingBox()
    const frame = await strip.locator('.strip').last().boundingBox()
    expect((frame?.y ?? 0) + (frame?.height ?? 0) - (last?.y ?? 0) - (last?.height ?? 0)).toBeLessThan(6)
    await visit.close()
  })

  test('a filter nothing fits yet announces the job that comes to fit it, and no other', async () => {
    const visit = await site.visit()
    await visit.open('/jobs?q=queue:reports')
    await visit.page.getByText('No job fits this filter.').waitFor()
    await visit.page.getByText(/^Live,/).waitFor()
    const add = (name: string, data: Record<string, unknown>) => site.stack.client.jobs.create({ body: { name, data } })
    await add('demo.mail', { to: 'ada@example.org', subject: 'Not this one', takes_ms: 5 })
    await add('demo.report', { title: 'This one', takes_ms: 5 })
    await visit.page.getByRole('button', { name: 'Show 1 new job', exact: true }).click()
    await visit.page.getByRole('link', { name: 'demo.report' }).waitFor()
    await visit.close()
  })

  test('a row that completes on screen tells the attempt it took', async () => {
    const visit = await site.visit()
    await visit.open('/jobs')
    await visit.page.getByText(/^Live,/).waitFor()
    const data = { to: 'ada@example.org', subject: 'Slow', takes_ms: 2_500 }
    const { id } = await site.stack.client.jobs.create({ body: { name: 'demo.mail', id: 'on-screen', data } })
    await visit.page.getByRole('button', { name: /^Show \d+ new job/ }).click()
    const row = visit.page.getByRole('row').filter({ has: visit.page.locator(`a[title="${id}"]`) })
    await row.getByText('Done').waitFor()
    const told = /1 of \d[\s\S]*Completed at attempt 1 of \d in (\d+\.\d) s\./.exec(await row.innerText())
    // As long as the job takes, and what a busy machine adds.
    expect(Number(told?.[1])).toBeGreaterThanOrEqual(2.5)
    await visit.close()
  })

  test('the search box stays where it is while the live figure changes', async () => {
    const visit = await site.visit()
    await visit.page.goto('/')
    const box = visit.page.getByRole('search', { name: 'Whole dashboard' })
    await box.waitFor()
    const before = await box.boundingBox()
    await visit.page.getByText(/^Live,/).waitFor()
    expect((await box.boundingBox())?.x).toBe(before?.x)
    await visit.close()
  })

  test('a timeline without runs says so, and is no empty grid', async () => {
    const visit = await site.visit()
    await visit.open('/timeline?q=no-such-run')
    await visit.page.getByText(/^Nothing ran from .* that fits the filter\.$/).waitFor()
    expect(await visit.page.getByRole('grid').count()).toBe(0)
    await visit.close()
  })

  test('every cell of the timeline is large enough to be pressed', async () => {
    const visit = await site.visit()
    await visit.open('/timeline')
    await visit.page.getByRole('gridcell').first().waitFor()
    const sizes = await visit.page.getByRole('gridcell').evaluateAll((cells) => cells.map((cell) => cell.getBoundingClientRect()).map(({ width, height }) => Math.min(width, height))) // prettier-ignore
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(24)
    await visit.close()
  })

  test('cells of the timeline are of the window that turning the wheel ends at', async () => {
    const visit = await site.visit()
    const { page } = visit
    // A window of the past draws nothing by itself.
    const [from, to] = [Date.now() - 600_000, Date.now() - 1_000].map((ms) => new Date(ms).toISOString())
    await visit.open(`/timeline?from=${from}&to=${to}`)
    await page.getByRole('gridcell').first().waitFor()
    const before = await cellsAtRest(page)
    const lanes = await page.getByRole('grid').boundingBox()
    await page.mouse.move((lanes?.x ?? 0) + 500, (lanes?.y ?? 0) + 40)
    await page.keyboard.down('Control')
    for (let turn = 0; turn < 5; turn++) await page.mouse.wheel(0, -60)
    await page.keyboard.up('Control')
    const after = await cellsAtRest(page)
    expect(after).not.toBe(before)
    // What has the focus is of every frame.
    await page.getByRole('gridcell').first().focus()
    expect(await cellsAtRest(page)).toBe(after)
    await visit.close()
  })

  test('a colour that means the attempt is not explained as a priority', async () => {
    const visit = await site.visit()
    await visit.open('/timeline?color=attempt')
    const legend = visit.page.getByRole('list', { name: 'Legend' })
    expect(await legend.innerText()).toMatch(/First attempt/)
    expect(await legend.innerText()).not.toMatch(/Critical/)
    await visit.close()
  })

  test('closing the question gives the focus back to the button that asked', async () => {
    const visit = await site.visit()
    await visit.open(`/dlq/${encodeURIComponent(jobs.dlqId)}`)
    const resubmit = visit.page.getByRole('button', { name: 'Resubmit…' })
    await resubmit.focus()
    await visit.page.keyboard.press('Enter')
    await visit.page.getByRole('dialog').waitFor()
    await visit.page.keyboard.press('Escape')
    await visit.page.getByRole('dialog').waitFor({ state: 'hidden' })
    expect(await resubmit.evaluate((button) => button === document.activeElement)).toBe(true)
    await visit.close()
  })

  test('names of 120 characters, right-to-left or not, push nothing off a phone', async () => {
    await until(
      () => site.stack.client.jobs.list({ query: { queue: [longQueue] } }),
      ({ data }) => data.length === 3,
      250,
    )
    const visit = await site.visit({ width: 360, height: 780 })
    await visit.open(`/jobs?q=queue:${longQueue}`)
    await visit.page.getByRole('option', { name: longQueue }).waitFor({ state: 'attached' })
    await visit.page.getByRole('link', { name: 'w'.repeat(120) }).waitFor()
    const wide = await visit.page.locator('main :not(thead, thead *)').evaluateAll((all) => all.filter((each) => each.getBoundingClientRect().right > 360).length) // prettier-ignore
    expect(wide).toBe(0)
    await visit.close()
  })

  test.each([360, 1440])(
    'at %i px a message lies over the head of the page, not over what is pressed next',
    async (width) => {
      const visit = await site.visit({ width, height: 780 })
      const { page } = visit
      await visit.open('/gallery')
      const pressed = page.getByRole('button', { name: 'Say it is done' })
      await pressed.click()
      const message = page.getByRole('status', { name: 'Messages' })
      await message.getByText('Resubmitted 412.').waitFor()
      const edges = async (locator: Locator) => {
        const box = await locator.boundingBox()
        return { top: box?.y ?? NaN, bottom: (box?.y ?? NaN) + (box?.height ?? NaN) }
      }
      await page.evaluate(() => scrollTo(0, document.documentElement.scrollHeight))
      expect((await edges(message)).bottom).toBeLessThan((await edges(pressed)).top)
      await page.evaluate(() => scrollTo(0, 0))
      expect((await edges(message)).bottom).toBeLessThan((await edges(page.locator('main'))).top)
      await visit.close()
    },
  )

  test('with Redis away the page says since when it is not of now, and why an action failed', async () => {
    const visit = await site.visit()
    await visit.open('/')
    await visit.page.getByText(/^Live,/).waitFor()
    await site.stack.redis.pause()
    try {
      await visit.page.getByText(/cannot reach Redis\. What you see is as of/).waitFor()
      await visit.page.getByText(/^Stale, data as of/).waitFor()
      await visit.page.getByRole('button', { name: 'Pause mail', exact: true }).click()
      await visit.page.getByText(/Pausing mail did not work: Redis cannot be reached/).waitFor()
    } finally {
      await site.stack.redis.resume()
    }
    await visit.page.getByText(/^Live,/).waitFor()
    await visit.page.getByText(/What you see is as of/).waitFor({ state: 'detached' })
    await visit.close()
  })
})
