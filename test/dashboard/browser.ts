// A browser on a running k1n: signed in, watched for everything that must not happen.
import { chromium } from 'playwright-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { installed } from '../../scripts/setup/chromium.mjs'
import { startStack, until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] // prettier-ignore

const chromePath = (): string => {
  const path = process.env['CHROME_PATH'] ?? installed()
  if (path === undefined)
    throw new Error('no Chromium: set CHROME_PATH or run the tests through `npm test`, which brings one')
  return path
}

export interface View {
  theme?: 'light' | 'dark'
  width?: number
  height?: number
  reducedMotion?: 'reduce' | 'no-preference'
  signedIn?: boolean
  /** Who signs in; the admin unless said. */
  key?: string
}

export interface Visit {
  page: Page
  context: BrowserContext
  /** Errors of scripts and of the content policy, and requests that left the origin. */
  mishaps: string[]
  /** Goes to a path and waits for its heading and its data. */
  open(path: string): Promise<void>
  /** Goes on to a path as a link does, in the app that is open already, and waits likewise. */
  go(path: string): Promise<void>
  close(): Promise<void>
}

/** Visits to what answers at an address. */
export interface Visits {
  visit(view?: View): Promise<Visit>
  close(): Promise<void>
}

export interface Site extends Visits {
  stack: Stack
}

const watch = (page: Page, origin: string): string[] => {
  const mishaps: string[] = []
  page.on('pageerror', (error) => mishaps.push(`error: ${error.message}`))
  page.on('console', (message) => {
    if (message.type() === 'error' && /Content Security Policy|Uncaught/.test(message.text()))
      mishaps.push(message.text())
  })
  page.on('request', (request) => {
    const url = request.url()
    if (
      !url.startsWith(origin) &&
      !url.startsWith(origin.replace('http', 'ws')) &&
      !url.startsWith('data:') &&
      !url.startsWith('blob:')
    )
      mishaps.push(`left the origin: ${url}`)
  })
  return mishaps
}

/** Marks what is there, so that it is seen when the next page has taken its place. */
const LEFT = 'data-left'
const leave = (path: string): void => {
  for (const part of document.querySelectorAll('#main > *')) part.setAttribute('data-left', '')
  history.pushState({}, '', path)
  dispatchEvent(new PopStateEvent('popstate'))
}

const visit = async (browser: Browser, stack: Pick<Stack, 'url' | 'key'>, view: View): Promise<Visit> => {
  const { theme = 'light', width = 1440, height = 900, reducedMotion = 'no-preference', signedIn = true } = view
  const { key = stack.key } = view
  const context = await browser.newContext({
    baseURL: stack.url,
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion,
  })
  if (signedIn) await context.request.post('/auth/login', { data: { key }, headers: { origin: stack.url } })
  const page = await context.newPage()
  const mishaps = watch(page, stack.url)
  const settled = async (): Promise<void> => {
    await page.locator('h1').first().waitFor()
    await page.locator('[aria-busy="true"]:not(button)').waitFor({ state: 'detached' })
    // The gallery shows one that stays.
    await page.locator('#main .skeleton').filter({ hasNotText: 'an example' }).first().waitFor({ state: 'detached' })
  }
  return {
    page,
    context,
    mishaps,
    async open(path) {
      await page.goto(path)
      await settled()
    },
    async go(path) {
      await page.evaluate(leave, path)
      await page.locator(`#main > [${LEFT}]`).first().waitFor({ state: 'detached' })
      await settled()
    },
    close: () => context.close(),
  }
}

const launch = (): Promise<Browser> => chromium.launch({ executablePath: chromePath(), args: quiet })

/** Starts a browser for what is there. */
export const openVisits = async (there: Pick<Stack, 'url' | 'key'>): Promise<Visits> => {
  const browser = await launch()
  return { visit: (view = {}) => visit(browser, there, view), close: () => browser.close() }
}

/** Starts everything once for a file of tests; `env` adds settings. */
export const openSite = async (env: Record<string, string> = {}): Promise<Site> => {
  const [stack, browser] = await Promise.all([startStack(env), launch()])
  return {
    stack,
    visit: (view = {}) => visit(browser, stack, view),
    async close() {
      await browser.close()
      await stack.stop()
    },
  }
}

/** A service no job calls, so that its breaker holds nothing up. */
export const HELD_SERVICE = 'crm.example'

const mail = { to: 'ada@example.org', subject: 'Hello', takes_ms: 20 }

/** An operation that goes on: what it resubmits runs in an hour, and it waits for that. */
const underWay = async (client: Stack['client'], taskId: string): Promise<string> => {
  const body = { filter: { q: taskId }, delay_ms: 3_600_000, ladder: { wait_ms: 3_600_000 } }
  const started = await client.dlq.resubmitMany({ body })
  if ('matched' in started) throw new Error('only a preview came')
  return started.id
}

/** An event from outside, and a source through which none came. */
const happened = async (client: Stack['client']): Promise<{ event: string; source: string }> => {
  const { event_id: event } = await client.events.publish({ body: { event: 'order.placed', data: { amount: 5 } } })
  const { id: source } = await client.eventSources.create({ body: { name: 'Shop', verify: { scheme: 'github' } } })
  return { event, source }
}

/** An endpoint whose address leads nowhere, and a delivery to it. */
const told = async (client: Stack['client']): Promise<{ webhook: string; delivery: string }> => {
  const body = { url: 'https://crm.invalid/hooks', event_types: ['order.*'] }
  const { id: webhook } = await client.webhooks.create({ body })
  await client.events.publish({ body: { event: 'order.paid', data: { amount: 5 } } })
  const { data } = await until(
    () => client.deliveries.list({ params: { webhook_id: webhook } }),
    (page) => page.data.some(({ attempt }) => attempt > 0),
  )
  return { webhook, delivery: data[0]?.id ?? '' }
}

/** Puts something true on every page: jobs that completed, one that waits, one that was retried, dead letters, a breaker that
 *  is not closed, a schedule, an event from outside, and an endpoint that it does not reach. */
export const furnish = async ({
  client,
}: Stack): Promise<{
  done: string
  dead: string
  dlqId: string
  waiting: string
  group: string
  operation: string
  schedule: string
  event: string
  source: string
  webhook: string
  delivery: string
  key: string
}> => {
  const add = async (id: string, data: object, options = {}) =>
    (await client.jobs.create({ body: { name: 'demo.mail', id, data: { ...mail, ...data }, options } })).id
  const done = await add('done', {})
  await client.services.create({ body: { name: HELD_SERVICE, budget: { limit: 300, per_ms: 30_000 } } })
  await client.breakers.forceOpen({ params: { service: HELD_SERVICE }, body: { reason: 'Maintenance', ttl_s: 3_600 } })
  const { id: schedule } = await client.schedules.create({
    body: { id: 'furnished', name: 'A digest', job_name: 'demo.mail', data: mail, trigger: { type: 'interval', every_ms: 3_600_000 } }, // prettier-ignore
  })
  const { id: key } = await client.auth.createKey({ body: { name: 'ci', role: 'developer' } })
  const waiting = await add('waiting', {}, { delay_ms: 3_600_000 })
  const dead = await add('dead', { fails_until: 50, fails_as: 'permanent' })
  const dying = await add('dying', { fails_until: 50, fails_as: 'permanent' })
  await add('retried', { fails_until: 1 }, { backoff: { type: 'fixed', delay_ms: 10, jitter: 'none' } })
  await client.jobs.createMany({
    body: {
      jobs: Array.from({ length: 60 }, (_, n) => ({
        name: 'demo.charge',
        data: { customer: `c-${n}`, amount_cents: n, takes_ms: 10 },
      })),
    },
  })
  const { data } = await until(
    () => client.dlq.list(),
    (page) => page.data.length > 1,
  )
  await until(
    () => client.jobs.list({ query: { state: ['completed'] } }),
    (page) => page.data.length >= 50,
  )
  const groups = await until(
    () => client.triage.list(),
    (page) => page.data.length > 0,
  )
  const group = groups.data[0]?.id ?? ''
  return {
    done,
    dead,
    waiting,
    dlqId: data.find(({ task_id }) => task_id === dead)?.id ?? '',
    group,
    operation: await underWay(client, dying),
    schedule,
    key,
    ...(await happened(client)),
    ...(await told(client)),
  }
}
