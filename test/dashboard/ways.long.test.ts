// Whatever happens between a page and the API, what the page shows is in the end what a page shows that is loaded then: nothing is
// missing, nothing is told twice. Runs, jobs and dead letters are kept up each in a manner of its own, so all three are looked at.
import { afterEach, beforeEach, expect, test } from 'vitest'
import { freePort } from '../../scripts/setup/free-port.mjs'
import { contract } from '../../shared/contract.ts'
import type { K1nContract } from '../../shared/contract.ts'
import { createClient } from '../../shared/kernel/client.ts'
import type { Client } from '../../shared/kernel/client.ts'
import { until } from '../support/stack.ts'
import { openBetween } from './between.ts'
import type { Between, Way } from './between.ts'
import { openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'

/** The overview is told every five seconds; a page that heard nothing for this long has lost the heartbeat. */
const HEARTBEAT_MS = 12_000
let between: Between
let site: Site
/** The API itself: what happens is done here, also while nothing passes to the browser. */
let client: Client<K1nContract>

beforeEach(async () => {
  between = await openBetween()
  const port = String(await freePort())
  site = await openSite({ PORT: port, K1N_PUBLIC_URL: between.url })
  const origin = `http://127.0.0.1:${port}`
  between.leadTo(origin)
  client = createClient<K1nContract>(contract, {
    origin,
    headers: () => ({ authorization: `Bearer ${site.stack.key}` }),
  })
})
afterEach(async () => {
  await site.close()
  await between.close()
})

const report = { title: 'Today', takes_ms: 5 }
const encoded = { recording: 'r', steps: 1, takes_ms: 5 }
const soon = { backoff: { type: 'fixed', delay_ms: 10, jitter: 'none' } } as const
type Job = Parameters<Client<K1nContract>['jobs']['createMany']>[0]['body']['jobs'][number]
/** One that dies at once, one that is tried twice, and one that is done. */
const dies = (): Job => ({ name: 'demo.report', data: { ...report, fails_until: 50, fails_as: 'permanent' } })
const falters = (): Job => ({ name: 'demo.report', data: { ...report, fails_until: 1 }, options: soon })
const runs = (): Job => ({ name: 'demo.encode', data: encoded })
const many = (count: number, make: () => Job): Job[] => Array.from({ length: count }, make)

const add = (jobs: Job[]) => client.jobs.createMany({ body: { jobs } })
/** When all that was added has ended, and what tells so has been told. */
const settled = async (): Promise<void> => {
  const goesOn = ({ counts }: { counts: Record<string, number> }): boolean =>
    ['waiting', 'prioritized', 'active', 'delayed'].some((state) => (counts[state] ?? 0) > 0)
  await until(
    () => client.queues.list(),
    ({ data }) => !data.some(goesOn),
  )
}
const dead = async (): Promise<number> =>
  (await client.queues.list()).data.reduce((sum, { counts }) => sum + counts.failed, 0)

interface Pages {
  runs: Visit
  jobs: Visit
  dead: Visit
}
const each = (pages: Pages): Visit[] => [pages.runs, pages.jobs, pages.dead]
const openPages = async (): Promise<Pages> => {
  const [runs, jobs, dead] = await Promise.all([site.visit(), site.visit(), site.visit()])
  // A table does not move on by itself: its window ends after the test.
  const [from, to] = [-600_000, 600_000].map((by) => new Date(Date.now() + by).toISOString())
  await Promise.all([
    runs.open(`/timeline?view=table&from=${from}&to=${to}`),
    jobs.open('/jobs?q=queue:media'),
    dead.open('/dlq/entries'),
  ])
  return { runs, jobs, dead }
}

/** Every run that the page of the timeline knows, with all that it knows of it: the file it offers, which is not saved. */
const runsOn = async ({ page }: Visit): Promise<string[]> => {
  const text = await page.getByRole('button', { name: 'Download CSV' }).evaluate((button: HTMLElement) => {
    const taken = { createObjectURL: (given: Blob) => ((file = given), '') }
    const kept = { ...own(URL, 'createObjectURL'), ...own(HTMLAnchorElement.prototype, 'click') }
    let file = new Blob()
    Object.assign(URL, taken)
    Object.assign(HTMLAnchorElement.prototype, { click: () => undefined })
    button.click()
    Object.assign(URL, { createObjectURL: kept['createObjectURL'] })
    Object.assign(HTMLAnchorElement.prototype, { click: kept['click'] })
    return file.text()
    function own(of: object, name: string): Record<string, unknown> {
      return { [name]: (of as Record<string, unknown>)[name] }
    }
  })
  return text.trim().split(/\r?\n/).slice(1).toSorted()
}
/** Every row that a page lists: its link, and what it says but for how long ago that was, and for how long a run took: a fact measures
 *  that by the clock of Redis, the list by that of the worker. */
const rowsOn = ({ page }: Visit): Promise<string[]> =>
  page.locator('main tbody tr').evaluateAll((rows) =>
    rows.map((row) => {
      const link = row.querySelector('a')?.getAttribute('href') ?? ''
      const cells = [...row.querySelectorAll('td')].filter((cell) => cell.querySelector('time') === null)
      return [link, ...cells.map(({ textContent }) => textContent.trim().replace(/ in [\d.,]+ m?s/, ''))].join(' | ')
    }),
  )
/** How many came since the list was fetched, as the page counts them. */
const fresh = async ({ page }: Visit): Promise<number> => {
  const words = await page.getByRole('button', { name: /^Show [\d,]+ new/ }).allInnerTexts()
  return Number(words[0]?.replaceAll(/\D/g, '') ?? 0)
}
const wordsOf = ({ page }: Visit): Promise<string> => page.locator('header .status').innerText()

/** Holds what the pages show, without being loaded anew, beside pages that are loaded now. */
const expectSame = async (pages: Pages): Promise<{ runs: number }> => {
  const now = await openPages()
  const known = await runsOn(now.runs)
  await expect.poll(() => runsOn(pages.runs)).toEqual(known)
  const listed = await rowsOn(now.jobs)
  // A list is a page of the newest: of what it shows as of before, the oldest are on no list loaded now.
  const linksOf = (rows: string[]): Set<string> => new Set(rows.map((row) => row.split(' | ', 1)[0] ?? ''))
  const among = (rows: string[], links: Set<string>): string[] => rows.filter((row) => [...linksOf([row])].every((link) => links.has(link))) // prettier-ignore
  const kept = among(listed, linksOf(await rowsOn(pages.jobs)))
  await expect.poll(async () => among(await rowsOn(pages.jobs), linksOf(listed))).toEqual(kept)
  for (const visit of [pages.jobs, pages.dead])
    if ((await fresh(visit)) > 0) await visit.page.getByRole('button', { name: /^Show [\d,]+ new/ }).click()
  await expect.poll(() => rowsOn(pages.jobs)).toEqual(listed)
  await expect.poll(async () => rowsOn(pages.dead)).toEqual(await rowsOn(now.dead))
  await Promise.all(each(now).map((visit) => visit.close()))
  return { runs: known.length }
}
/** A question that is answered at once is hardly ever seen under way: who asks is known by what it says. */
const listensBy = async (way: Way, pages: Pages): Promise<void> => {
  const others = { ws: 0, sse: 0, ...(way === 'poll' ? {} : { poll: 0, [way]: 3 }) }
  await expect.poll(() => between.listening(), { timeout: 75_000 }).toMatchObject(others)
  const word = way === 'poll' ? /^Polling/ : /^Live/
  for (const { page } of each(pages)) await page.locator('header .status').filter({ hasText: word }).waitFor()
}

const cuts = [
  {
    how: 'the network is off',
    // The state of runs tells of the last minute only.
    away: 90,
    within: 0,
    cut: async (pages: Pages): Promise<() => unknown> => {
      await Promise.all(each(pages).map(({ context }) => context.setOffline(true)))
      return async () => void (await Promise.all(each(pages).map(({ context }) => context.setOffline(false))))
    },
  },
  { how: 'connections are broken and refused', away: 30, within: 0, cut: () => Promise.resolve(between.sever()) },
  {
    how: 'nothing passes and nobody says so',
    away: 30,
    within: HEARTBEAT_MS,
    cut: () => Promise.resolve(between.fallSilent()),
  },
]

test.each(cuts)(
  'while $how for $away s pages say what they are as of; then they have exactly the 50 that came meanwhile, as pages loaded anew',
  async ({ away, within, cut }) => {
    // Rows that change while nobody hears of it.
    const delayed = { name: 'demo.encode', data: encoded, options: { delay_ms: 3_600_000 } } as const
    const waiting = await Promise.all(many(10, () => delayed).map(async (body) => (await client.jobs.create({ body })).id)) // prettier-ignore
    const before = await dead()
    const pages = await openPages()
    for (const { page } of each(pages))
      await page
        .getByText(/^Live,/)
        .first()
        .waitFor()

    const restore = await cut(pages)
    const cutAt = Date.now()
    const told = await Promise.all(
      each(pages).map(async ({ page }) => {
        await page.locator('header .status').filter({ hasText: /, data as of \d\d:\d\d:\d\d/ }).waitFor() // prettier-ignore
        return Date.now() - cutAt
      }),
    )
    await add([...many(25, dies), ...many(10, falters), ...many(15, runs)])
    for (const id of waiting) await client.jobs.promote({ params: { task_id: id } })
    await settled()
    await until(dead, (known) => known === before + 25)
    await until(
      () => Promise.resolve(Date.now()),
      (now) => now - cutAt > away * 1_000,
    )
    expect(await Promise.all([pages.jobs, pages.dead].map(fresh))).toEqual([0, 0])
    for (const visit of each(pages)) expect(await wordsOf(visit)).toMatch(/, data as of/)
    expect((await rowsOn(pages.jobs)).filter((row) => row.includes('Done'))).toEqual([])

    await restore()
    const backAt = Date.now()
    await Promise.all(each(pages).map(({ page }) => page.locator('header .status').filter({ hasText: /^(Live|Polling)/ }).first().waitFor({ timeout: 60_000 }))) // prettier-ignore
    const back = Date.now() - backAt
    // One more: what would be told twice is told before it.
    await add([dies(), runs()])
    await expect.poll(() => Promise.all([pages.jobs, pages.dead].map(fresh))).toEqual([16, 26])
    const { runs: known } = await expectSame(pages)
    console.log(`as of after ${told.join(', ')} ms; heard again after ${back} ms; ${known} runs`)
    expect(Math.max(...told)).toBeLessThanOrEqual(within + 3_000)
    for (const visit of each(pages)) expect(visit.mishaps).toEqual([])
    await Promise.all(each(pages).map((visit) => visit.close()))
  },
  240_000,
)

/** Lets things happen until something is over. Answers how many dead letters and how many other jobs it made. */
const meanwhile = async (other: () => Promise<unknown>): Promise<{ died: number; ran: number }> => {
  let isOver = false
  let rounds = 0
  const go = async (): Promise<void> => {
    for (; !isOver; rounds++)
      await Promise.all([add([dies(), runs(), falters()]), new Promise((resolve) => setTimeout(resolve, 250))])
  }
  const over = other().finally(() => (isOver = true))
  await Promise.all([go(), over])
  return { died: rounds, ran: rounds }
}

test('where the WebSocket is not let through pages listen to events, where those are not either they ask, and come back within a minute; nothing is missing or told twice on any way', async () => {
  await add([dies(), runs()])
  await settled()
  const pages = await openPages()
  await listensBy('ws', pages)
  const sum = { died: 0, ran: 0 }
  const step = async (way: Way, ...refused: string[]): Promise<number> => {
    const began = Date.now()
    const { died, ran } = await meanwhile(async () => {
      between.refuse(...refused)
      await listensBy(way, pages)
    })
    const took = Date.now() - began
    // What is told from here on comes by this way alone: the runs are not read anew beside it.
    const reads = '**/timeline/spans*'
    await pages.runs.page.route(reads, (route) => route.abort())
    await add([dies(), runs(), falters(), ...many(10, runs)])
    await settled()
    sum.died += died + 1
    sum.ran += ran + 11
    await expect.poll(() => Promise.all([pages.jobs, pages.dead].map(fresh))).toEqual([sum.ran, sum.died])
    const known = await expectSame(pages)
    sum.died = sum.ran = 0
    await pages.runs.page.unroute(reads)
    console.log(
      `${way} after ${took} ms, ${known.runs} runs; ${(await Promise.all(each(pages).map(wordsOf))).join(' | ')}`,
    )
    return took
  }
  await step('ws')
  await step('sse', 'ws')
  await step('poll', 'ws', 'sse')
  for (const visit of each(pages)) expect(await wordsOf(visit)).toBe('Polling')
  expect(await step('ws')).toBeLessThanOrEqual(61_000)
  for (const visit of each(pages)) {
    expect(await wordsOf(visit)).toMatch(/^Live/)
    expect(visit.mishaps).toEqual([])
  }
  await Promise.all(each(pages).map((visit) => visit.close()))
}, 240_000)
