// Pages that are live and hold still: nothing on them jumps, what somebody points at or has the focus in stays where it is, and what came
// meanwhile is counted right.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { pause } from './measure.ts'
import { bad } from './troubled.ts'

const PER_S = 40
const CLS_MAX = 0.02
/** Lanes are put in order again every ten seconds. */
const LANES_MS = 12_000
let site: Site

const report = { name: 'demo.report', data: { title: 'Today', takes_ms: 20 } }
const recording = { name: 'demo.encode', data: { recording: 'r', steps: 2, takes_ms: 40 } }
const mail = { name: 'demo.mail', data: { to: 'ada@example.org', subject: 'Hello', takes_ms: 20 } }
const charge = { name: 'demo.charge', data: { customer: 'c', amount_cents: 5, takes_ms: 20 } }
const dying = { ...report, data: { ...report.data, ...bad } }
const lost = { ...recording, data: { ...recording.data, ...bad } }
/** Of twenty: all queues have work, and in two of them some die. No service is called more than its budget allows. */
const TWENTY = [report, mail, recording, report, charge, report, mail, report, recording, report, charge, dying, mail, report, lost, report, charge, report, mail, recording] // prettier-ignore

/** Has jobs added, run and die at a steady pace until told to stop. */
const stir = async (isOver: () => boolean): Promise<void> => {
  const began = Date.now()
  for (let added = 0; !isOver(); await pause(50)) {
    const due = Math.floor(((Date.now() - began) / 1_000) * PER_S) - added
    if (due <= 0) continue
    const jobs = Array.from({ length: due }, (_, n) => TWENTY[(added + n) % TWENTY.length] ?? report)
    await site.stack.client.jobs.createMany({ body: { jobs } })
    added += due
  }
}
/** Does so while something else goes on. */
const amidChange = async <T>(during: () => Promise<T>): Promise<T> => {
  let isOver = false
  const [result] = await Promise.all([during().finally(() => (isOver = true)), stir(() => isOver)])
  return result
}

beforeAll(async () => {
  site = await openSite()
  await furnish(site.stack)
  await amidChange(() => pause(8_000))
}, 120_000)
afterAll(() => site.close())

const openLive = async (path: string): Promise<Visit> => {
  const visit = await site.visit()
  await watchShifts(visit.page)
  await visit.open(path)
  await visit.page.getByText(/^Live,/).waitFor()
  return visit
}

interface Shift {
  value: number
  /** When, in ms since the page was opened. */
  at: number
  what: string
}

const watchShifts = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const shifts: Shift[] = []
    Object.assign(globalThis, { shifts })
    // What needs somebody on the overview comes in at once, and moves what is below it by its row.
    const needs = (): number => document.querySelectorAll('main li .do').length
    let known = -1
    const nameOf = (node: Node | undefined): string =>
      node instanceof Element ? `${node.tagName}.${node.className} ${node.textContent.trim().slice(0, 40)}` : '?'
    new PerformanceObserver((list) => {
      const isForNeed = needs() !== known
      known = needs()
      for (const entry of list.getEntries()) {
        const shift = entry as unknown as {
          value: number
          startTime: number
          hadRecentInput: boolean
          sources: { node?: Node }[]
        }
        if (!shift.hadRecentInput && !isForNeed)
          shifts.push({
            value: shift.value,
            at: shift.startTime,
            what: shift.sources.map(({ node }) => nameOf(node)).join(', '),
          })
      }
    }).observe({ type: 'layout-shift', buffered: true })
  })

/** What moved by itself since it was asked last. */
const shiftsOf = (page: Page): Promise<Shift[]> =>
  page.evaluate(() => (globalThis as unknown as { shifts: Shift[] }).shifts.splice(0))

/** Cumulative layout shift as web.dev defines it: the most of any burst, shifts less than a second apart and five seconds at the most. */
const clsOf = (shifts: readonly Shift[]): number => {
  let [most, sum, first, last] = [0, 0, -Infinity, -Infinity]
  for (const { value, at } of shifts) {
    if (at - last >= 1_000 || at - first >= 5_000) [sum, first] = [0, at]
    last = at
    sum += value
    most = Math.max(most, sum)
  }
  return most
}

const stretches = [
  ['/', 60],
  ['/jobs', 20],
  ['/queues', 20],
  ['/dlq', 20],
  ['/dlq/entries', 20],
] as const

test.each(stretches)(
  'nothing on %s jumps in %i seconds of change',
  async (path, seconds) => {
    const visit = await openLive(path)
    const { page } = visit
    await amidChange(async () => {
      // Until what changes first has come.
      await pause(2_000)
      const before = await page.locator('main').innerText()
      await shiftsOf(page)
      await pause(seconds * 1_000)
      expect(await page.locator('main').innerText()).not.toBe(before)
    })
    const shifts = await shiftsOf(page)
    console.log(`${path}: ${clsOf(shifts).toFixed(4)} of ${shifts.length} shifts`, shifts.filter(({ value }) => value > 0.002).slice(0, 8)) // prettier-ignore
    expect(clsOf(shifts)).toBeLessThanOrEqual(CLS_MAX)
    expect(visit.mishaps).toEqual([])
    await visit.close()
  },
  120_000,
)

interface List {
  path: string
  list: (page: Page) => Locator
  /** What its rows are called, from top to bottom. */
  rows: (page: Page) => Promise<string[]>
  /** Brings about what puts the rows in another order, and waits until the page has heard of it. */
  upset: (page: Page, before: readonly string[]) => Promise<unknown>
  /** Waits until the rows stand as they should since then. */
  settled: (page: Page, before: readonly string[]) => Promise<unknown>
}

const kinds = [report, recording, charge]
let causes = 0
/** Jobs that die each of a cause that is new. */
const newCauses = (many: number) =>
  Array.from({ length: many }, () => {
    const kind = kinds[causes % kinds.length] ?? report
    const fails_as = ['transient', 'timeout', 'rate_limited'][Math.floor(causes++ / kinds.length)] ?? ''
    return { ...kind, data: { ...kind.data, takes_ms: 5, fails_until: 50, fails_as }, options: { attempts: 1 } }
  })
const add = (jobs: { name: string; data: Record<string, unknown> }[]): Promise<unknown> =>
  site.stack.client.jobs.createMany({ body: { jobs } })

const tableOf = (page: Page, caption: RegExp): Locator => page.getByRole('table', { name: caption })
const linksIn = (page: Page, caption: RegExp): Promise<string[]> =>
  tableOf(page, caption)
    .locator('[data-row]')
    .evaluateAll((all) => all.map((one) => decodeURIComponent(one.getAttribute('href') ?? '')))
const inTable = (path: string, caption: RegExp): Pick<List, 'path' | 'list' | 'rows'> => ({
  path,
  list: (page) => tableOf(page, caption),
  rows: (page) => linksIn(page, caption),
})

const queuesAt = (path: string): List => {
  const table = inTable(path, /^Queues/)
  const lowest = (before: readonly string[]): string => before.at(-1)?.split('/').at(-1) ?? ''
  return {
    ...table,
    async upset(page, before) {
      await site.stack.client.queues.pause({ params: { queue: lowest(before) } })
      const name = page.getByRole('link', { name: lowest(before), exact: true })
      await page.getByRole('row').filter({ has: name }).getByText('Paused').waitFor()
    },
    async settled(page, before) {
      await until(
        () => table.rows(page),
        ([first]) => first === before.at(-1),
      )
      await site.stack.client.queues.resume({ params: { queue: lowest(before) } })
    },
  }
}

const groups: List = {
  ...inTable('/dlq', /^Groups of dead letters/),
  async upset(page) {
    await add(newCauses(1))
    await page.getByRole('button', { name: 'Show 1 new group' }).waitFor()
  },
  settled: (page) =>
    until(
      async () => [await groups.rows(page), (await site.stack.client.triage.list()).data.map(({ id }) => `/dlq/${id}`)],
      ([shown, known]) => shown?.join() === known?.join(),
    ),
}

/** Lists that stay as they are until somebody asks for what is new. */
const kept = (path: string, caption: RegExp): List => {
  const table = inTable(path, caption)
  const button = (page: Page): Locator => page.getByRole('button', { name: /^Show [\d,]+ new/ })
  return {
    ...table,
    upset: (page) => button(page).waitFor(),
    async settled(page, before) {
      expect(await table.rows(page)).toEqual(before)
      await button(page).click()
      await until(
        () => table.rows(page),
        ([first]) => first !== undefined && !before.includes(first),
      )
    },
  }
}

/** More of them each time: the lane that was put first before is to be passed. */
let upsets = 0
const lanes: List = {
  path: '/timeline?t=15m',
  list: (page) => page.getByRole('grid'),
  async rows(page) {
    const all = await page.getByRole('grid').getByRole('row').evaluateAll((rows) =>
      rows.map((row) => ({ top: row.getBoundingClientRect().top, name: row.querySelector('.name')?.textContent ?? '' })),
    ) // prettier-ignore
    return all.sort((one, other) => one.top - other.top).map(({ name }) => name)
  },
  async upset(_page, before) {
    const job = before.indexOf('media') > before.indexOf('reports') ? lost : dying
    await add(Array.from({ length: 150 * ++upsets }, () => job))
    await pause(LANES_MS)
  },
  settled: (page, before) =>
    until(
      () => lanes.rows(page),
      (now) => now.join() !== before.join(),
    ),
}

const lists = [queuesAt('/'), queuesAt('/queues'), groups, kept('/jobs', /^Jobs/), kept('/dlq/entries', /^Dead letters/), lanes] // prettier-ignore

test.each(lists)(
  'rows of $path keep their places under the pointer, and are those of now after it left',
  async ({ path, list, rows, upset, settled }) => {
    const visit = await openLive(path)
    const { page } = visit
    await list(page).scrollIntoViewIfNeeded()
    const box = await list(page).boundingBox()
    // Near its end: what comes above it pushes it down, and not away from under the pointer.
    await page.mouse.move((box?.x ?? 0) + 300, Math.min((box?.y ?? 0) + (box?.height ?? 0) - 20, 850))
    const before = await rows(page)
    expect(before.length).toBeGreaterThan(2)
    await amidChange(() => upset(page, before))
    expect(await rows(page)).toEqual(before)
    await page.mouse.move(300, 2)
    await settled(page, before)
    expect(visit.mishaps).toEqual([])
    await visit.close()
  },
  50_000,
)

const holdsFocus = (list: Locator): Promise<boolean> =>
  list.evaluate((element) => element.contains(document.activeElement))
const tabUntil = async (page: Page, list: Locator, key: 'Tab' | 'Shift+Tab', inside: boolean): Promise<void> => {
  do await page.keyboard.press(key)
  while ((await holdsFocus(list)) !== inside)
}

test.each(lists)(
  'rows of $path keep their places while the keyboard moves about in them, and are those of now after it left',
  async ({ path, list, rows, upset, settled }) => {
    const visit = await openLive(path)
    const { page } = visit
    await page.mouse.move(300, 2)
    await tabUntil(page, list(page), 'Tab', true)
    const before = await rows(page)
    await amidChange(() => upset(page, before))
    expect(await rows(page)).toEqual(before)
    // The timeline is one stop: on from there leaves it.
    if (path !== lanes.path) {
      for (const key of ['Tab', 'Tab', 'Shift+Tab']) await page.keyboard.press(key)
      expect(await holdsFocus(list(page))).toBe(true)
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))))
      expect(await rows(page)).toEqual(before)
    }
    await tabUntil(page, list(page), 'Shift+Tab', false)
    await settled(page, before)
    expect(visit.mishaps).toEqual([])
    await visit.close()
  },
  50_000,
)

type Asked = (cursor: string | undefined) => Promise<{ data: { id: string }[]; page: { next_cursor: string | null } }>

/** Ids the server lists, newest first, down to the last one that is shown. */
const downTo = async (last: string, ask: Asked): Promise<string[]> => {
  const ids: string[] = []
  for (let cursor: string | undefined; !ids.includes(last);) {
    const { data, page } = await ask(cursor)
    ids.push(...data.map(({ id }) => id))
    if (page.next_cursor === null) break
    cursor = page.next_cursor
  }
  return ids.slice(0, ids.indexOf(last) + 1)
}

const counted = [
  { ...kept('/jobs', /^Jobs/), what: 'new job', ask: (cursor) => site.stack.client.jobs.list({ query: { limit: 200, ...(cursor && { cursor }) } }) }, // prettier-ignore
  { ...kept('/dlq/entries', /^Dead letters/), what: 'new dead letter', ask: (cursor) => site.stack.client.dlq.list({ query: { limit: 200, ...(cursor && { cursor }) } }) }, // prettier-ignore
] satisfies (List & { what: string; ask: Asked })[]

test.each(counted)(
  'what came while $path was read is counted to the last one, also where the list is fetched amid it',
  async ({ path, rows, what, ask }) => {
    const visit = await openLive(path)
    const { page } = visit
    const button = page.getByRole('button', { name: /^Show [\d,]+ new/ })
    await amidChange(async () => {
      for (let turn = 0; turn < 6; turn++) {
        await button.click()
        await pause(700)
      }
    })
    const shown = (await rows(page)).map((link) => link.split('/').at(-1) ?? '')
    const expected = async (): Promise<string> => {
      const came = (await downTo(shown.at(-1) ?? '', ask)).filter((id) => !shown.includes(id)).length
      return `Show ${came} ${what}${came === 1 ? '' : 's'}`
    }
    // What was handed in last dies a moment later.
    await pause(3_000)
    const [says, is] = [await button.innerText(), await expected()]
    console.log(path, says)
    expect(says).toBe(is)
    await visit.close()
  },
  60_000,
)

test('three new causes, seven events and twelve runs that come meanwhile are counted as so many', async () => {
  const visit = await openLive('/dlq')
  const { page } = visit
  await groups.list(page).hover()
  await add(newCauses(3))
  await page.getByRole('button', { name: 'Show 3 new groups' }).waitFor()
  await visit.go('/events')
  for (let n = 0; n < 7; n++) await site.stack.client.events.publish({ body: { event: 'order.placed', data: { n } } })
  await page.getByRole('button', { name: 'Show 7 new events' }).waitFor()
  await visit.go('/timeline?view=table&t=15m')
  await page.getByText(/^Live,/).waitFor()
  await page.getByRole('table', { name: 'Runs' }).getByRole('cell').first().hover()
  await add(Array.from({ length: 12 }, () => report))
  await page.getByRole('button', { name: 'Show 12 new' }).waitFor()
  await pause(2_000)
  expect(await page.getByRole('button', { name: /^Show \d+ new/ }).innerText()).toBe('Show 12 new')
  expect(visit.mishaps).toEqual([])
  await visit.close()
}, 60_000)
