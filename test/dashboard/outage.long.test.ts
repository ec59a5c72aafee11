// An outage as somebody meets it who has never seen the dashboard: with the keyboard alone the cause is found, and the jobs that
// died of it are given another life, before two minutes are over.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Locator } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { openSite } from './browser.ts'
import type { Site } from './browser.ts'
import { keysOf, pointed } from './keys.ts'
import { pause } from './measure.ts'

const ORDERS = 400
/** Orders to another service, which go well beside. */
const STOCKED = 40
/** So many calls fail before the breaker opens and holds the others; those that are under way then fail too. */
const CALLS_MIN = 250
const IN_TIME_MS = 120_000
const KEYS_MAX = 60
/** How long a finger stays on a key. */
const HELD_MS = 150
/** A person who reads every word takes so long for each. */
const WORD_MS = 250

/** A service that is down until somebody mends it. It remembers which orders it took. */
const startService = async () => {
  const taken: number[] = []
  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      if (service.isUp) taken.push((JSON.parse(text) as { order: number }).order)
      response.writeHead(service.isUp ? 200 : 503).end(service.isUp ? 'taken' : 'the database is away')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const service = { isUp: false, host, taken, close: () => server.close() }
  return service
}
type Service = Awaited<ReturnType<typeof startService>>

let site: Site
let shop: Service
let stock: Service
beforeAll(async () => {
  ;[shop, stock] = await Promise.all([startService(), startService()])
  stock.isUp = true
  site = await openSite({ K1N_HTTP_ALLOW_CIDRS: '127.0.0.0/8' })
})
afterAll(async () => {
  await site.close()
  shop.close()
  stock.close()
})

const ordersTo = ({ host }: Service, many: number) =>
  Array.from({ length: many }, (_, order) => ({
    name: 'http.request',
    data: { url: `http://${host}/orders`, body: { order } },
    options: { attempts: 1 },
  }))

/** Orders die of the shop until its breaker holds the others; what calls the stock, and mails, go on well. Answers how many died. */
const stageOutage = async (): Promise<number> => {
  const { client } = site.stack
  await client.services.create({ body: { name: shop.host, breaker: { window: { min_calls: CALLS_MIN } } } })
  const mail = { job_name: 'demo.mail', data: { to: 'ada@example.org', subject: 'Hello', takes_ms: 10 } }
  await client.schedules.create({
    body: { id: 'mails', name: 'Mails', ...mail, trigger: { type: 'interval', every_ms: 1_000 } },
  })
  await client.jobs.createMany({ body: { jobs: [...ordersTo(shop, ORDERS), ...ordersTo(stock, STOCKED)] } })
  const params = { service: shop.host }
  const { parked } = await until(
    async () => {
      const [{ data }, touched] = await Promise.all([client.triage.list(), client.touches.service({ params })])
      return { open: data[0]?.open ?? 0, parked: touched.parked }
    },
    ({ open, parked: held }) => open + held === ORDERS,
  )
  return ORDERS - parked
}

const countsOf = async (queue: string) => (await site.stack.client.queues.show({ params: { queue } })).counts

/** Waits until it stands there, and for as long as somebody needs who reads it. */
const read = async (what: Locator): Promise<string> => {
  const text = await what.innerText()
  await pause(text.split(/\s+/).length * WORD_MS)
  return text
}

test('by keys alone a newcomer finds what an outage is caused by, and resubmits what it cost, in less than two minutes', async () => {
  const died = await stageOutage()
  expect(died).toBeGreaterThanOrEqual(CALLS_MIN)
  shop.isUp = true
  const visit = await site.visit()
  const { page } = visit
  const presses = await pointed(page)
  const keys = keysOf(page, HELD_MS)
  const named = (role: 'link' | 'button', name: string | RegExp): Locator => page.getByRole(role, { name, exact: true })
  const follow = async (control: Locator): Promise<void> => {
    await keys.goTo(control)
    await keys.press('Enter')
  }

  const began = performance.now()
  await visit.open('/')
  expect(await read(page.getByText(/needs? you\./))).toMatch(/^(Two|Three|Four) things need you\./)
  const need = (action: RegExp): Locator => page.getByRole('listitem').filter({ has: named('link', action) })
  expect(await read(need(/^Triage: /))).toContain(`${died} dead letters`)
  expect(await read(need(/^Open breaker: /))).toContain(`The breaker of ${shop.host} is open`)
  // Whoever presses Tab at first is offered a way past all that stands before the page.
  await keys.press('Tab')
  expect(await keys.isOn(named('link', 'Skip to the page'))).toBe(true)
  await keys.press('Enter')
  await follow(named('link', /^Triage: /))

  const cause = page.getByRole('row').filter({ hasText: 'the database is away' })
  expect(await read(cause)).toContain('http.request in http')
  await follow(cause.getByRole('link'))
  expect(await read(page.getByText(/dead letters lie in 1 queue/))).toContain(`${died} dead letters`)
  const sample = page.getByRole('region', { name: /^One of them/ })
  expect(await read(sample)).toContain(`${shop.host} answered 503: the database is away`)

  await follow(named('button', 'Resubmit…'))
  const question = page.getByRole('dialog', { name: 'Resubmit the group' })
  expect(await read(question)).toContain(`${died} dead letters, the oldest first:`)
  await follow(named('button', 'Start with 1'))
  await page.getByText(`Resubmitted ${died} of ${died} dead letters.`).waitFor()
  await page.getByText('None lies there now.', { exact: true }).waitFor()
  const finishedMs = performance.now() - began
  await follow(named('link', 'Open operation'))
  await read(page.getByText(`Of ${died}: all came through.`))
  const tookMs = performance.now() - began
  console.log(
    `${died} resubmitted after ${Math.round(finishedMs)} ms, all seen after ${Math.round(tookMs)} ms, by ${keys.pressed} keys`,
  )
  expect(tookMs).toBeLessThan(IN_TIME_MS)
  expect(keys.pressed).toBeLessThanOrEqual(KEYS_MAX)

  // Those that the breaker held went by themselves: the shop has every order, and none twice.
  await expect.poll(() => shop.taken.length).toBe(ORDERS)
  expect(new Set(shop.taken).size).toBe(ORDERS)
  await expect
    .poll(() => countsOf('http'))
    .toMatchObject({ completed: ORDERS + STOCKED, failed: 0, delayed: 0, active: 0 })
  expect(stock.taken.length).toBe(STOCKED)
  const mails = await countsOf('mail')
  expect(mails.failed).toBe(0)
  expect(mails.completed).toBeGreaterThan(tookMs / 2_000)
  expect(await presses()).toEqual([])
  expect(visit.mishaps).toEqual([])
  await visit.close()
}, 240_000)
