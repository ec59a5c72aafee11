// The connection as it breaks in earnest: the API starts again, what was missed is gone, nobody looks for minutes, the clocks
// differ. What is shown is right afterwards, and nothing that somebody was at is lost.
import { Redis } from 'ioredis'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundles } from '../../scripts/setup/bundle.mjs'
import { run, until } from '../support/stack.ts'
import { furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'

const HIDDEN_MS = Number(process.env['K1N_TEST_HIDDEN_MS'] ?? 300_000)
const PER_S = 84
let site: Site
let jobs: Awaited<ReturnType<typeof furnish>>

beforeAll(async () => {
  site = await openSite()
  jobs = await furnish(site.stack)
})
afterAll(() => site.close())

const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms))
/** Calls no service, whose budget would decide how many run a second. */
const report = { name: 'demo.report', data: { title: 'Today', takes_ms: 5 } }
const mail = { to: 'ada@example.org', subject: 'Hello', takes_ms: 5 }

/** Adds jobs at a steady pace until it is told to stop; answers how many. */
const load = async (isOver: () => boolean): Promise<number> => {
  let added = 0
  while (!isOver()) {
    const many = Array.from({ length: Math.round(PER_S / 5) }, () => report)
    await site.stack.client.jobs.createMany({ body: { jobs: many } })
    added += many.length
    await pause(200)
  }
  return added
}

interface Told {
  snapshots: string[]
  gaps: number
  sockets: number
}

/** Counts what the stream sends from now on. */
const listenIn = (page: Page): Told => {
  const told: Told = { snapshots: [], gaps: 0, sockets: 0 }
  page.on('websocket', (socket) => {
    told.sockets += 1
    // Of the socket that is in use: what was tried meanwhile does not count.
    told.snapshots.length = 0
    socket.on('framereceived', ({ payload }) => {
      const text = String(payload)
      if (text.includes('"type":"snapshot"')) told.snapshots.push(/"topic":"([^"]+)"/.exec(text)?.[1] ?? '')
      if (text.includes('"type":"gap"')) told.gaps += 1
    })
  })
  return told
}

const restartApi = async (whileAway: () => Promise<void>): Promise<void> => {
  const { stack } = site
  await stack.api.stop()
  await whileAway()
  stack.api = await run(bundles.api.entry, { ...stack.env, PORT: new URL(stack.url).port })
}

const rowOf = (page: Page, id: string) => page.getByRole('row').filter({ has: page.locator(`a[title="${id}"]`) })

test('after the API has started again each topic comes once, no row is stale, and filter, scroll and selection are as they were', async () => {
  const { client } = site.stack
  await client.jobs.createMany({
    body: { jobs: Array.from({ length: 45 }, (_, n) => ({ name: 'demo.encode', id: `e-${n}`, data: { recording: 'r', steps: 1, takes_ms: 5 }, options: { delay_ms: 3_600_000 } })) }, // prettier-ignore
  })
  const { id } = await client.jobs.create({ body: { name: 'demo.encode', id: 'e-soon', data: { recording: 'r', steps: 1, takes_ms: 5 }, options: { delay_ms: 8_000 } } }) // prettier-ignore
  const visit = await site.visit()
  const { page } = visit
  const told = listenIn(page)
  await visit.open('/jobs?q=queue:media')
  await page.getByText(/^Live,/).waitFor()
  await rowOf(page, id).getByRole('checkbox').check()
  await page.waitForURL(/sel=/)
  await page.evaluate(() => scrollTo(0, 700))
  await pause(300)
  const before = { scroll: await page.evaluate(() => scrollY), url: page.url() }
  expect(before.scroll).toBeGreaterThan(300)
  const subscribed = new Set(told.snapshots)
  const due = Date.now() + 9_000
  await restartApi(async () => {
    await page.getByText(/^(Reconnecting|Offline|Connecting)/).waitFor()
    await until(
      () => pause(0),
      () => Date.now() > due,
    )
  })
  // Away for long it came back by polling, and takes the socket again within a minute.
  await page
    .getByText(/^(Live|Polling)/)
    .first()
    .waitFor({ timeout: 60_000 })
  await page.getByText(/^Live,/).waitFor({ timeout: 90_000 })
  await rowOf(page, id).getByText('Done').waitFor()
  await pause(1_000)
  expect(told.snapshots.toSorted()).toEqual([...subscribed].toSorted())
  expect({ scroll: await page.evaluate(() => scrollY), url: page.url() }).toEqual(before)
  expect(await rowOf(page, id).getByRole('checkbox').isChecked()).toBe(true)
  expect(await page.getByText('1 job selected.').count()).toBe(1)
  const known = await client.jobs.list({ query: { queue: ['media'], limit: 50 } })
  for (const job of known.data.slice(0, 10)) if (job.state === 'completed') await rowOf(page, job.id).getByText('Done').waitFor() // prettier-ignore
  expect(visit.mishaps).toEqual([])
  await visit.close()
}, 180_000)

test('where what was missed is gone for good the page says so, and fetches anew', async () => {
  const visit = await site.visit()
  const { page } = visit
  const told = listenIn(page)
  await visit.open('/dlq/entries')
  await page.getByText(/^Live,/).waitFor()
  // The page knows where it is in the log once it has heard of something.
  await site.stack.client.jobs.create({ body: { name: 'demo.mail', data: mail } })
  await pause(1_000)
  await visit.context.setOffline(true)
  await page.getByText(/^(Offline|Reconnecting)/).waitFor()
  const data = { ...mail, fails_until: 50, fails_as: 'permanent' }
  const { id } = await site.stack.client.jobs.create({ body: { name: 'demo.mail', id: 'unheard', data } })
  await until(
    () => site.stack.client.dlq.list({ query: { q: id } }),
    (list) => list.data.length > 0,
  )
  const redis = new Redis(site.stack.redis.url)
  await redis.xtrim('{k1n}:events', 'MAXLEN', 1)
  redis.disconnect()
  await visit.context.setOffline(false)
  await page.getByText(/^Live,/).waitFor()
  await page.getByText('Some news were lost while the connection was away', { exact: false }).waitFor()
  await page.getByRole('button', { name: `Resubmit demo.mail ${id}` }).waitFor()
  expect(told.gaps).toBeGreaterThan(0)
  expect(await page.getByText('Some news were lost', { exact: false }).count()).toBe(1)
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test(
  'a page nobody looked at for five minutes of load is right half a second after one looks again, without a heap of messages',
  async () => {
    const visit = await site.visit()
    const { page } = visit
    await visit.open('/jobs')
    await page.getByText(/^Live,/).waitFor()
    const hide = (hidden: boolean): Promise<void> =>
      page.evaluate((is) => {
        Object.defineProperty(document, 'hidden', { configurable: true, get: () => is })
        Object.defineProperty(document, 'visibilityState', {
          configurable: true,
          get: () => (is ? 'hidden' : 'visible'),
        })
        document.dispatchEvent(new Event('visibilitychange'))
      }, hidden)
    await hide(true)
    const until5 = Date.now() + HIDDEN_MS
    const added = await load(() => Date.now() > until5)
    // In a queue of its own: what workers of a busy machine have not got to yet is not waited for.
    const last = { name: 'demo.encode', data: { recording: 'r', steps: 1, takes_ms: 5 } }
    const { id } = await site.stack.client.jobs.create({ body: { ...last, id: 'last-of-all' } })
    await until(
      () => site.stack.client.jobs.show({ params: { task_id: id } }),
      ({ state }) => state === 'completed',
    )
    console.log(`${added} jobs while nobody looked; the last was done ${Date.now() - until5} ms after them`)
    await hide(false)
    const took = await page.evaluate(
      () =>
        new Promise<number>((resolve) => {
          const began = performance.now()
          const look = (): void => {
            const says = [...document.querySelectorAll('header .status')].some((one) =>
              one.textContent.startsWith('Live'),
            )
            const tells = [...document.querySelectorAll('button')].some((one) => /^Show [\d,]+ new jobs?( and more)?$/.test(one.textContent.trim())) // prettier-ignore
            if (says && tells) resolve(performance.now() - began)
            else requestAnimationFrame(look)
          }
          look()
        }),
    )
    console.log(`right after ${Math.round(took)} ms`)
    expect(took).toBeLessThan(500)
    await pause(1_000)
    expect(await page.getByRole('status', { name: 'Messages' }).getByRole('listitem').count()).toBe(0)
    await page.getByRole('button', { name: /^Show [\d,]+ new jobs?( and more)?$/ }).click()
    await rowOf(page, id).getByText('Done').waitFor()
    expect(visit.mishaps).toEqual([])
    await visit.close()
  },
  HIDDEN_MS + 90_000,
)

test('with a clock that is 90 seconds behind the server ages, waits and the line of now are the server’s', async () => {
  const visit = await site.visit()
  const { page } = visit
  await page.addInitScript(() => {
    const Real = Date
    const behind = -90_000
    globalThis.Date = class extends Real {
      constructor(...given: []) {
        if (given.length === 0) super(Real.now() + behind)
        else super(...given)
      }
      static override now(): number {
        return Real.now() + behind
      }
    } as DateConstructor
  })
  const { id } = await site.stack.client.jobs.create({ body: { name: 'demo.mail', id: 'aged', data: mail, options: { delay_ms: 600_000 } } }) // prettier-ignore
  await visit.open(`/why/${id}`)
  await page.getByText(/^Live,/).waitFor()
  await page.getByRole('region', { name: 'Why' }).getByText(/it runs in (10 min|9 min)/).waitFor() // prettier-ignore
  await visit.open('/jobs?q=queue:mail')
  await page.getByText(/^Live,/).waitFor()
  const row = rowOf(page, id)
  await row.waitFor()
  expect(await row.innerText()).not.toMatch(/in \d+ s|in [12] min/)
  const trigger = { type: 'interval', every_ms: 3_600_000 } as const
  const at = new Date(Date.now() + 1_800_000)
  const cron = { type: 'cron', expression: `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`, timezone: 'UTC' } as const
  await site.stack.client.schedules.create({ body: { id: 'half-hour', name: 'half-hour', job_name: 'demo.mail', data: mail, trigger: cron } }) // prettier-ignore
  await site.stack.client.schedules.create({ body: { id: 'each-hour', name: 'each-hour', job_name: 'demo.mail', data: mail, trigger } }) // prettier-ignore
  await visit.open('/schedules')
  await page.getByText(/^Live,/).waitFor()
  await page.getByRole('row').filter({ hasText: 'half-hour' }).getByText(/in (29|30) min/).waitFor() // prettier-ignore
  await page.getByRole('row').filter({ hasText: 'half-hour' }).getByText('On time').waitFor()
  await visit.open('/timeline?t=15m')
  await page.getByRole('gridcell').first().waitFor()
  await page.getByText(/^Live,/).waitFor()
  // It says from when to when it shows: to now, which is the server's.
  const says = await page.getByRole('grid').getAttribute('aria-label')
  const [hours = NaN, minutes = NaN] = (says?.match(/\d\d:\d\d/g) ?? []).at(-1)?.split(':').map(Number) ?? []
  const now = new Date()
  const off = (hours * 60 + minutes - now.getUTCHours() * 60 - now.getUTCMinutes() + 1_440) % 1_440
  expect([0, 1, 1_439]).toContain(off)
  expect(jobs.done).not.toBe('')
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

const nights = [
  { zone: 'Europe/Berlin', expression: '30 2 28 3 *' },
  { zone: 'America/New_York', expression: '30 2 14 3 *' },
  { zone: 'Australia/Lord_Howe', expression: '45 1 4 4 *' },
] as const

test.each(nights)(
  'in the night the clocks of $zone change preview, page and board say what the API says',
  async ({ zone, expression }) => {
    const id = zone.toLowerCase().replaceAll(/[^a-z]/g, '-')
    const trigger = { type: 'cron', expression, timezone: zone } as const
    await site.stack.client.schedules.create({ body: { id, name: id, job_name: 'demo.mail', data: mail, trigger } })
    const { times } = await site.stack.client.schedules.preview({ params: { schedule_id: id }, query: { count: 5 } })
    const local = (at: string): string => new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(new Date(at)) // prettier-ignore
    const expected = times.map(({ at }) => local(at))
    const visit = await site.visit()
    const { page } = visit
    const listed = async (): Promise<string[]> => {
      const items = page.getByRole('list', { name: 'Next times' }).getByRole('listitem')
      await items.first().waitFor()
      return items.allInnerTexts()
    }
    for (const path of [`/schedules/${id}?tz=${zone}`, `/schedules/${id}/edit?tz=${zone}`]) {
      await visit.open(path)
      const shown = await listed()
      console.log(path, JSON.stringify(shown.slice(0, 2)), JSON.stringify(times[0]))
      expected.slice(0, shown.length).forEach((time, place) => expect.soft(shown[place]).toContain(time))
      expect.soft(shown[0]).toMatch(/clocks go (forward|back)/)
    }
    await visit.open(`/schedules?view=list&tz=${zone}`)
    const row = page.getByRole('row').filter({ hasText: id })
    await row.waitFor()
    const told = (await row.locator('time').evaluateAll((all) => all.map((one) => one.getAttribute('datetime')))).join() // prettier-ignore
    expect.soft(told).toContain(new Date(times[0]?.at ?? 0).toISOString())
    expect(visit.mishaps).toEqual([])
    await visit.close()
  },
)

/** Nights in which an hour, or half of one, comes twice, each from before it on. */
const longNights = [
  { zone: 'Europe/Berlin', from: '2026-10-25T00:00:00Z' },
  { zone: 'America/New_York', from: '2026-11-01T05:00:00Z' },
  { zone: 'Australia/Lord_Howe', from: '2026-04-04T14:15:00Z' },
] as const
const HALF_HOUR = 1_800_000

/** Runs of a schedule in the past, put where they are kept. */
const putRuns = async (id: string, times: readonly number[]): Promise<void> => {
  const redis = new Redis(site.stack.redis.url)
  try {
    for (const at of times) {
      const run = { source: 'cron', scheduled_for: at, planned_at: at, triggered_at: at, task_id: `mail:s_${at}`, queue: 'mail' } // prettier-ignore
      await redis.hset(`{k1n}:schedules:runs:${id}`, String(at), JSON.stringify(run))
      await redis.zadd(`{k1n}:schedules:order:${id}`, at, String(at))
    }
  } finally {
    redis.disconnect()
  }
}

test.each(longNights)(
  'the history of a night in which a time of $zone comes twice says which run was which',
  async ({ zone, from }) => {
    const id = `past-${zone.toLowerCase().replaceAll(/[^a-z]/g, '-')}`
    // It comes on no day on which this runs.
    const trigger = { type: 'cron', expression: '0 4 29 2 *', timezone: zone } as const
    await site.stack.client.schedules.create({ body: { id, name: id, job_name: 'demo.mail', data: mail, trigger } }) // prettier-ignore
    await putRuns(
      id,
      Array.from({ length: 6 }, (_, n) => Date.parse(from) + n * HALF_HOUR),
    )
    const { data } = await site.stack.client.scheduleRuns.runs({ params: { schedule_id: id } })
    const visit = await site.visit()
    const { page } = visit
    await visit.open(`/schedules/${id}?runs=table&tz=${zone}`)
    const rows = page.getByRole('table', { name: /^Runs, the newest first/ }).getByRole('row')
    await rows.nth(6).waitFor()
    const shown = await rows.locator('td:first-child time').evaluateAll((all) =>
    all.map((one) => ({ at: one.getAttribute('datetime'), text: one.textContent, title: one.getAttribute('title') ?? '' })),
  ) // prettier-ignore
    expect(shown.map(({ at }) => at)).toEqual(data.map(({ scheduled_for }) => scheduled_for))
    const local = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) // prettier-ignore
    for (const { at, text, title } of shown)
      for (const words of [text, title]) expect.soft(words).toContain(local.format(new Date(at ?? 0)))
    console.log(zone, JSON.stringify(shown.map(({ title }) => title)))
    for (const { at, title } of shown) expect(title).toContain(at)
    expect(visit.mishaps).toEqual([])
    await visit.close()
  },
)
