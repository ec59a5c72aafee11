// The whole round, seen live: an event goes to a receiver of webhooks, what that posts back sets off a schedule, and every page
// that somebody looks at shows its part without being loaded again.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'playwright-core'
import { Webhook } from 'standardwebhooks'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'

interface Order {
  order: string
  email: string
}

interface Posted {
  status: number
  event_id: string
  matched: { schedule_id: string; task_id: string }[]
}

/** Our partner's server: it takes what is signed with `secret`, and posts what it made of it to `back`, signed with that secret. */
interface Partner {
  url: string
  secret: string
  back: { url: string; secret: string }
  /** What it answered, in order, and what it was answered when it posted back. */
  readonly answered: number[]
  readonly posted: Posted[]
  close(): void
}

const startPartner = async (): Promise<Partner> => {
  const take = (body: string, headers: Record<string, string>): Order =>
    (new Webhook(partner.secret).verify(body, headers) as { data: Order }).data
  const postBack = async ({ order, email }: Order, hop: string): Promise<void> => {
    const body = JSON.stringify({ parcel: `p-${order}`, email })
    const signature = new Webhook(partner.back.secret).sign(`msg_${order}`, new Date(), body)
    const headers = {
      'content-type': 'application/json',
      'webhook-id': `msg_${order}`,
      'webhook-timestamp': String(Math.floor(Date.now() / 1_000)),
      'webhook-signature': signature,
      'x-k1n-hop': hop,
    }
    const answer = await fetch(partner.back.url, { method: 'POST', body, headers })
    partner.posted.push({ ...((await answer.json()) as Posted), status: answer.status })
  }
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const headers = request.headers as Record<string, string>
      const reply = (status: number): void => {
        partner.answered.push(status)
        response.writeHead(status).end()
      }
      Promise.resolve()
        .then(() => take(Buffer.concat(chunks).toString(), headers))
        .then((order) => postBack(order, headers['x-k1n-hop'] ?? ''))
        .then(
          () => reply(200),
          () => reply(400),
        )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`
  const partner: Partner = {
    ...{ url, secret: '', back: { url: '', secret: '' }, answered: [], posted: [] },
    close: () => server.close(),
  }
  return partner
}

let site: Site
let partner: Partner
beforeAll(async () => {
  partner = await startPartner()
  site = await openSite({ K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' })
})
afterAll(async () => {
  await site.close()
  partner.close()
})

/** The endpoint, the source and the schedule of the round. */
const connect = async (): Promise<{ webhook: string; schedule: string }> => {
  const { client, url } = site.stack
  const webhook = await client.webhooks.create({ body: { url: partner.url, event_types: ['order.placed'] } })
  const source = await client.eventSources.create({
    body: { name: 'Partner', verify: { scheme: 'standard_webhooks' } },
  })
  partner.secret = webhook.secret
  partner.back = { url: new URL(source.path, url).href, secret: source.secret ?? '' }
  const filter = [{ path: 'source_id', op: 'eq' as const, value: source.id }]
  const { id: schedule } = await client.schedules.create({
    body: {
      id: 'parcel-mail',
      name: 'Tell of a parcel',
      job_name: 'demo.mail',
      data: { to: '{{event.data.payload.email}}', subject: 'Parcel {{event.data.payload.parcel}}', takes_ms: 20 },
      trigger: { type: 'event', event: 'webhook.received', filter },
    },
  })
  return { webhook: webhook.id, schedule }
}

/** Opens a page that hears live what happens, and marks it: a page that is loaded again has no mark. */
const watching = async (path: string, before: string): Promise<Visit> => {
  const visit = await site.visit()
  await visit.open(path)
  await visit.page.getByText(/^Live,/).waitFor()
  await visit.page.getByText(before).first().waitFor()
  await visit.page.evaluate(() => (document.documentElement.dataset['watched'] = 'since before'))
  return visit
}
const isAsOpened = (page: Page): Promise<boolean> =>
  page.evaluate(() => document.documentElement.dataset['watched'] === 'since before')

const row = (page: Page, text: string) => page.getByRole('row').filter({ hasText: text })

test('an event goes out, what comes back sets off a schedule, and all of it is seen live', async () => {
  const { webhook, schedule } = await connect()
  const visits = await Promise.all([
    watching(`/webhooks/${webhook}`, 'Nothing was sent to it yet.'),
    watching('/events?q=webhook.received', 'No event is called like this.'),
    watching(`/schedules/${schedule}?runs=table`, 'It has not run yet.'),
    watching('/jobs', 'No jobs yet'),
  ])
  const [sent, received, runs, jobs] = visits.map(({ page }) => page) as [Page, Page, Page, Page]

  const data = { order: '1042', email: 'ada@example.org' }
  await site.stack.client.events.publish({ body: { event: 'order.placed', data } })

  await row(sent, 'order.placed').getByText('Delivered').waitFor()
  await row(received, 'webhook.received').filter({ hasText: 'Partner' }).getByText('1 job').waitFor()
  const [posted] = partner.posted
  await row(runs, `Set off by event ${posted?.event_id ?? ''}`)
    .filter({ hasText: 'On time' })
    .getByRole('link', { name: 'Open job' })
    .waitFor()
  await jobs.getByRole('button', { name: /^Show \d+ new jobs?$/ }).click()
  await row(jobs, 'demo.mail').getByText('Completed').waitFor()
  expect(await Promise.all(visits.map(({ page }) => isAsOpened(page)))).toEqual([true, true, true, true])

  expect(partner.answered).toEqual([200])
  expect(posted).toMatchObject({ status: 202, matched: [{ schedule_id: schedule }] })
  const job = await site.stack.client.jobs.show({ params: { task_id: posted?.matched[0]?.task_id ?? '' } })
  expect(job.data).toEqual({ to: 'ada@example.org', subject: 'Parcel p-1042', takes_ms: 20 })
  expect(visits.flatMap(({ mishaps }) => mishaps)).toEqual([])
  await Promise.all(visits.map((visit) => visit.close()))
})
