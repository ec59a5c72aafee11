// The address is the memory of what is on screen: any of them loads the same again, wrong ones say so, and back and forward lead
// through what was seen as it was.
import type { Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { routes } from '../../dashboard/routes.ts'
import type { AskingRouteName } from '../../dashboard/routes.ts'
import { furnish, openSite } from './browser.ts'
import type { Site } from './browser.ts'
import { pathsOf } from './paths.ts'

const URLS = 200
let site: Site
let paths: Record<string, string>
let dead: string

beforeAll(async () => {
  site = await openSite()
  const there = await furnish(site.stack)
  dead = there.dead
  paths = pathsOf(there)
})
afterAll(() => site.close())

/** The same numbers in every run. */
const seeded = (seed: number) => {
  let state = seed
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
  return { next, of: <Value>(values: readonly Value[]): Value => values[Math.floor(next() * values.length)] as Value }
}

const moment = (minutesAgo: number): string => new Date(Date.now() - minutesAgo * 60_000).toISOString()
/** What links say; each page takes what it knows, the rest must not harm. */
const said: Record<string, readonly string[]> = {
  q: ['queue:mail', 'state:failed', 'demo', 'state:completed queue:billing', 'crm', 'sort:last', 'no such thing', '"', 'a:b:c', '%', 'ü 🎉'], // prettier-ignore
  t: ['15m', '1h', '6h', '24h', '7y', ''],
  from: [moment(30), moment(90), 'yesterday', ''],
  to: [moment(1), moment(200), 'never', ''],
  tz: ['Europe/Berlin', 'Asia/Kathmandu', 'Mars/Base', ''],
  tab: ['payload', 'attempts', 'logs', 'flow', 'events', 'jobs', 'limits', 'metrics', 'workers', 'nothing', ''],
  view: ['list', 'table', 'chart', 'spread', 'x'],
  sel: ['*', 'mail:t_done', 'mail:t_done,mail:t_x', 'mail:t_done#1', '%E0%A4%A', ''],
  state: ['failed', 'delayed', 'resolved', 'nothing'],
  status: ['open', 'ignored', 'failed', 'x'],
  group: ['worker', 'service', 'name', 'x'],
  color: ['status', 'attempt', 'service', 'x'],
  sort: ['name', 'load', 'x'],
  gaps: ['1', '0', 'x'],
  lanes: ['mail', 'mail,billing', '%', ''],
  back: ['7d', '30d', '1y'],
  chart: ['dead-letters', 'nothing'],
  table: ['dead-letters', 'success', 'nothing'],
  compare: ['1', 'before', 'x'],
  queue: ['mail', 'nothing'],
  runs: ['table', 'x'],
  attempt: ['1', '2', '-1', 'x'],
  op: ['op_nothing', ''],
  hours: ['24', '0', 'x'],
  since: ['1h', 'x'],
  origin: ['code', 'x'],
  unknown: ['1'],
}
/** Ids of nothing there is. */
const lost = [
  'nowhere',
  '0',
  'mail:t_nobody',
  'a/b.c:d',
  '../..',
  '%00',
  'ü🎉',
  "'; DROP TABLE",
  'x'.repeat(300),
  '__proto__',
  '*',
  ' ',
]

/** What each page that shows one thing says of one there is not, by what its path tells. */
const saysOfNothing: Record<AskingRouteName, (params: Record<string, string>) => string> = {
  alertRule: ({ id }) => `There is no rule ${id}.`,
  queue: ({ queue }) => `There is no queue ${queue}.`,
  job: ({ id }) => `Job ${id} is not here.`,
  jobOfQueue: ({ queue, id }) => `Job ${queue}:${id} is not here.`,
  schedule: ({ id }) => `There is no schedule ${id}.`,
  scheduleEdit: ({ id }) => `There is no schedule ${id}.`,
  deadLetter: () => 'This dead letter is not here.',
  deadLetterGroup: () => 'There is no such group of dead letters.',
  operation: ({ id }) => `There is no operation ${id}. They are kept for seven days after their end.`,
  breaker: ({ service }) => `There is no service ${service}.`,
  service: ({ service }) => `There is no service ${service}.`,
  webhook: ({ id }) => `There is no endpoint ${id}.`,
  webhookEdit: ({ id }) => `There is no endpoint ${id}.`,
  delivery: ({ did }) => `There is no delivery ${did}.`,
  event: ({ id }) => `There is no event ${id}.`,
  eventSource: ({ id }) => `There is no source ${id}.`,
  key: ({ id }) => `There is no key ${id}.`,
  settingsSection: ({ section }) => `There is no section ${section}; these are all there are.`,
}

const isAsking = (name: string): name is AskingRouteName => name in saysOfNothing

/** An address of nothing there is, with what is said there: a dead letter's id has a colon, and a group's none. */
const nothingAt = (name: AskingRouteName, idOf: () => string): { url: string; says: string } => {
  const params: Record<string, string> = {}
  const url = routes[name].path.replaceAll(/:(\w+)/g, (_, part: string) => encodeURIComponent((params[part] = idOf())))
  const shown = name === 'deadLetterGroup' && params['group']?.includes(':') ? 'deadLetter' : name
  return { url, says: oneLine(saysOfNothing[shown](params)) }
}

/** As a browser lays it out: any white space is one space. */
const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim()
const sentences = async (page: Page): Promise<string[]> => (await page.locator('main p').allTextContents()).map(oneLine)

const urlsOf = (seed: number): { url: string; says: string | undefined }[] => {
  const random = seeded(seed)
  const all = Object.entries(routes)
  return Array.from({ length: URLS }, () => {
    const [name, { path }] = random.of(all)
    const nothing = isAsking(name) && random.next() < 0.3 ? nothingAt(name, () => random.of(lost)) : undefined
    const where = nothing?.url ?? paths[name] ?? path
    const search = new URLSearchParams()
    for (const key of Object.keys(said)) if (random.next() < 0.2) search.set(key, random.of(said[key] as string[]))
    return { url: `${where}${search.size > 0 ? `?${search.toString()}` : ''}`, says: nothing?.says }
  })
}

/** What of a page its address decides; what goes on by itself, such as ages, is left out. */
const viewOf = (page: Page): Promise<object> =>
  page.evaluate(() => {
    const all = (selector: string): Element[] => [...document.querySelectorAll(selector)]
    const words = (one: Element): string => (one.getAttribute('aria-label') ?? one.textContent).replaceAll(/\d[\d.,:]*/g, '#').trim() // prettier-ignore
    return {
      address: location.pathname + location.search,
      heading: words(document.querySelector('h1') as Element),
      parts: all('main h2').map(words),
      chosen: all(
        '[aria-selected=true], [aria-pressed=true], [aria-current]:not(li), [role=switch][aria-checked=true]',
      ).map(words),
      // The slider of a chart stands at its latest bucket, which is another one a second later.
      inputs: all('main input:not([type=range]), main select, main textarea').map((one) => {
        const { type, value, checked } = one as HTMLInputElement
        return type === 'checkbox' || type === 'radio' ? checked : value
      }),
      tables: all('main table').length,
      dialogs: all('dialog[open]').length,
    }
  })

const settled = async (page: Page): Promise<void> => {
  await page.locator('h1').first().waitFor()
  await page.getByText(/^(Live|Polling)/).first().waitFor() // prettier-ignore
  await page.locator('[aria-busy="true"]:not(button)').waitFor({ state: 'detached' })
  // The gallery shows one that stays.
  await page.locator('#main .skeleton').filter({ hasNotText: 'an example' }).first().waitFor({ state: 'detached' })
  await page.waitForLoadState('networkidle')
  await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 300)))
}

test('of 200 random addresses each loads again as it was, and one of nothing says so', async () => {
  const visit = await site.visit()
  const { page } = visit
  const wrong: string[] = []
  for (const { url, says } of urlsOf(41)) {
    const rests = async (): Promise<void> => settled(page).catch((error: unknown) => void wrong.push(`${url} does not come to rest: ${String(error).slice(0, 200)}`)) // prettier-ignore
    await page.goto(url)
    await rests()
    const first = await viewOf(page)
    await page.reload()
    await rests()
    const again = await viewOf(page)
    if (JSON.stringify(first) !== JSON.stringify(again))
      wrong.push(`${url}\n  ${JSON.stringify(first)}\n  ${JSON.stringify(again)}`)
    const text = await page.locator('main').innerText()
    if (text.trim() === '') wrong.push(`${url} is empty`)
    if (/The dashboard made a mistake|undefined|\[object/.test(text)) wrong.push(`${url} broke: ${text.slice(0, 200)}`)
    if (says !== undefined && !(await sentences(page)).includes(says))
      wrong.push(`${url} does not say "${says}": ${text.slice(0, 200)}`)
    wrong.push(...visit.mishaps.splice(0).map((mishap) => `${url}: ${mishap}`))
  }
  expect(wrong).toEqual([])
  await visit.close()
}, 900_000)

test('each kind of page says of an id of nothing that there is no such thing, by its name', async () => {
  const visit = await site.visit()
  const wrong: string[] = []
  await visit.open('/')
  for (const name of Object.keys(routes).filter(isAsking))
    for (const id of lost) {
      const { url, says } = nothingAt(name, () => id)
      await visit.go(url)
      const said = await sentences(visit.page)
      if (!said.includes(says)) wrong.push(`${url} does not say "${says}" but "${said.join(' | ').slice(0, 200)}"`)
      wrong.push(...visit.mishaps.splice(0).map((mishap) => `${url}: ${mishap}`))
    }
  // And what is no page at all.
  await visit.open('/nowhere/at/all')
  expect(await sentences(visit.page)).toContain('There is no page at this address.')
  expect(wrong).toEqual([])
  await visit.close()
}, 240_000)

interface Seen {
  address: string
  heading: string
  scroll: number
  filter: string
  checked: number
  tab: string
}

const seen = (page: Page): Promise<Seen> =>
  page.evaluate(() => ({
    address: location.pathname + location.search,
    heading: document.querySelector('h1')?.textContent ?? '',
    scroll: Math.round(scrollY / 20),
    filter: document.querySelector<HTMLInputElement>('[data-filter]')?.value ?? '',
    checked: document.querySelectorAll('main table input[type=checkbox]:checked').length,
    tab: document.querySelector('[role=tab][aria-selected=true]')?.textContent.replaceAll(/\d/g, '').trim() ?? '',
  }))

/** Something that leads on, and what is taken hold of for it. */
interface Step {
  on: Locator
  take: () => Promise<void>
}
const clickOn = (on: Locator): Step => ({ on, take: () => on.click() })

test('back and forward through twenty steps restore filter, window, selection and scroll', async () => {
  const visit = await site.visit()
  const { page } = visit
  await visit.open('/')
  await settled(page)
  // Beside the name of a page stands how many there are, where there are some.
  const nav = (name: string): Step => clickOn(page.getByRole('navigation').first().getByRole('link', { name: new RegExp(`^${name}\\s*[\\d.,kM]*$`) }).first()) // prettier-ignore
  const box = page.locator('[data-filter]')
  const filter = (text: string): Step => ({
    on: box,
    async take() {
      await box.fill(text)
      await page.keyboard.press('Enter')
    },
  })
  const tab = (name: RegExp): Step => clickOn(page.getByRole('tab', { name }))
  /** What is done on a page without leaving it, and then a step. */
  const scrolled = (top: number) => (): Promise<void> =>
    page.evaluate((y) => {
      scrollTo(0, y)
    }, top)
  const steps: (readonly [prepare: () => Promise<void>, step: Step])[] = [
    [scrolled(100), nav('Jobs')],
    [scrolled(300), filter('queue:billing')],
    [async () => page.locator('main table input[type=checkbox]').nth(2).check().then(scrolled(400)), nav('Queues')],
    [scrolled(0), nav('Timeline')],
    // Who zooms goes on looking at the same: it is no step, and remembered.
    [async () => page.getByRole('button', { name: 'Zoom in' }).first().click(), nav('Dead letters')],
    [async () => undefined, nav('Jobs')],
    [async () => undefined, filter('queue:mail')],
    [async () => undefined, clickOn(page.locator(`main a[title="${dead}"]`).first())],
    [scrolled(60), tab(/^Payload/)],
    [scrolled(0), tab(/^Attempts/)],
    [scrolled(0), tab(/^Events/)],
    [scrolled(0), nav('Schedules')],
    [async () => undefined, nav('Analytics')],
    [scrolled(700), nav('Breakers')],
    [async () => undefined, nav('Webhooks')],
    [async () => undefined, nav('Jobs')],
    [async () => undefined, filter('state:completed')],
    [scrolled(600), nav('Overview')],
    [async () => undefined, nav('Timeline')],
    [async () => undefined, nav('Queues')],
  ]
  const history: Seen[] = []
  for (const [prepare, step] of steps) {
    await prepare()
    // Nobody clicks what they do not see: the page is where it is clicked from.
    await step.on.hover()
    await page.waitForTimeout(500)
    history.push(await seen(page))
    await step.take()
    await settled(page)
  }
  history.push(await seen(page))
  expect(history.length).toBe(21)
  const length = await page.evaluate(() => window.history.length)
  console.log(`${length} entries for ${steps.length} steps`)
  const compare = async (at: number, way: string): Promise<void> => {
    await settled(page)
    await page.waitForTimeout(300)
    const { scroll: wanted, ...rest } = history[at] as Seen
    const { scroll, ...now } = await seen(page)
    expect.soft(now, `${way} to ${at}`).toEqual(rest)
    expect.soft(Math.abs(scroll - wanted), `${way} to ${at}: scrolled to ${scroll * 20}, was ${wanted * 20}`).toBeLessThanOrEqual(1) // prettier-ignore
  }
  for (let at = history.length - 2; at >= 0; at--) {
    await page.goBack()
    await compare(at, 'back')
  }
  for (let at = 1; at < history.length; at++) {
    await page.goForward()
    await compare(at, 'forward')
  }
  expect(visit.mishaps).toEqual([])
  await visit.close()
}, 240_000)
