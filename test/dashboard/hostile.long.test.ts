// What others chose the words of, on every page that shows it: names, payloads, errors, logs, headers. It is text there and nothing else.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Queue, Worker } from 'bullmq'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { openSite } from './browser.ts'
import type { Site } from './browser.ts'

const run = 'window.__ran=1'
/** What has run in some other dashboard. */
const corpus = [
  `<script data-ran>${run}</script>`,
  `<img data-ran src=x onerror="${run}">`,
  `<svg data-ran onload="${run}"><animate onbegin="${run}" attributeName=x dur=1s></svg>`,
  `<iframe data-ran srcdoc="<script>parent.${run}</script>"></iframe>`,
  `"><b data-ran onmouseover="${run}" autofocus tabindex=1 onfocus="${run}">`,
  `' onfocus='${run}' autofocus='`,
  `</title></textarea></style></script><script data-ran>${run}</script>`,
  `<style data-ran>@import url(https://evil.example/x.css);</style>`,
  `<base data-ran href="https://evil.example/"><link data-ran rel=stylesheet href="https://evil.example/x.css">`,
  `[a link](javascript:${run}) ![x](https://evil.example/x.png) <https://evil.example>`,
  `javascript:${run}`,
  `data:text/html,<script>${run}</script>`,
  `{{constructor.constructor('${run}')()}} \${${run}} <%= ${run} %>`,
  `<math><mtext><table><mglyph><style data-ran><!--</style><img title="--&gt;&lt;img src=1 onerror=${run}&gt;">`,
  `\u202E<a data-ran href="javascript:${run}">\u2066x\u0000\u001B[31m`,
]
const all = corpus.join(' ')
/** The same as a header may carry it: one line of bytes that are letters and signs. */
const inHeader = corpus.map((attack) => attack.replaceAll(/[^\x20-\x7e]/g, ''))
/** As much of it as is kept of an answer's body, in as many answers as that takes. */
const bodies = [corpus.slice(0, 7).join('\n'), corpus.slice(7).join('\n')]

/** A receiver that says all of it in its answers: beside the status, in headers, and in the body. */
const startReceiver = async () => {
  let answered = 0
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      const headers = Object.fromEntries(inHeader.map((attack, place) => [`x-attack-${place}`, attack]))
      response.writeHead(answered % 2 === 0 ? 200 : 500, inHeader.join(' '), {
        ...headers,
        'content-type': 'text/html',
        refresh: `0; url=javascript:${run}`,
        link: '<https://evil.example/x.css>; rel=stylesheet',
      })
      response.end(bodies[answered++ % bodies.length])
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`, close: () => server.close() }
}

let receiver: Awaited<ReturnType<typeof startReceiver>>
/** The pages of what was sent to it, one for each body. */
let answers: string[]
let site: Site
let jobs: string[]

beforeAll(async () => {
  receiver = await startReceiver()
  site = await openSite({ K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' })
  answers = await hearAnswers()
  const connection = { url: site.stack.redis.url }
  const queue = new Queue('hostile', { connection })
  const added = await queue.addBulk(
    corpus.map((attack, place) => ({
      name: attack.slice(0, 200),
      data: { attack, [attack]: attack, nested: [{ [attack]: corpus }], url: `javascript:${run}`, n: place },
      opts: { jobId: `h${place}`, attempts: 1 },
    })),
  )
  const worker = new Worker(
    'hostile',
    async (job) => {
      for (const attack of corpus) await job.log(attack)
      const error = new Error(`${(job.data as { attack: string }).attack} ${all}`)
      error.name = corpus[1] ?? ''
      error.stack = `${error.name}: ${error.message}\n    at ${corpus[0] ?? ''} (javascript:${run}:1:1)\n    at x (https://evil.example/x.js:1:1)`
      throw error
    },
    { connection },
  )
  jobs = added.map(({ id }) => `hostile:${id ?? ''}`)
  const { client } = site.stack
  await until(
    () => client.dlq.list({ query: { queue: ['hostile'] } }),
    ({ data }) => data.length === corpus.length,
  )
  await worker.close()
  await queue.close()
})
afterAll(async () => {
  await site.close()
  receiver.close()
})

/** Has the receiver answer once with each body. */
const hearAnswers = async (): Promise<string[]> => {
  const { client } = site.stack
  const { id } = await client.webhooks.create({
    body: { url: receiver.url, event_types: ['attack.*'], concurrency: 1, retry: { delays_ms: [] } },
  })
  for (const place of bodies.keys()) await client.events.publish({ body: { event: 'attack.made', data: { place } } })
  const { data } = await until(
    () => client.deliveries.list({ params: { webhook_id: id } }),
    (page) => page.data.filter(({ attempt }) => attempt > 0).length === bodies.length,
  )
  return data.map(({ id: delivery }) => `/webhooks/${id}/deliveries/${delivery}`)
}

/** What there is elsewhere whose words somebody chose; answers where it is looked at. */
const elsewhere = async (): Promise<string[]> => {
  const { client } = site.stack
  const name = `<img src=x onerror=${run}>`
  const data = { to: 'ada@example.org', subject: corpus[1] ?? '', takes_ms: 5 }
  const { id: schedule } = await client.schedules.create({
    body: { id: 'hostile', name, job_name: 'demo.mail', data, trigger: { type: 'interval', every_ms: 3_600_000 } },
  })
  await client.schedules.pause({ params: { schedule_id: schedule }, body: { reason: all.slice(0, 400) } })
  await client.queues.pause({ params: { queue: 'reports' }, body: { reason: all.slice(0, 400) } })
  const { id: key } = await client.auth.createKey({ body: { name, role: 'viewer' } })
  const { id: webhook } = await client.webhooks.create({
    body: { url: `https://crm.invalid/hooks?x=${encodeURIComponent(all)}`, event_types: ['order.*'], description: all.slice(0, 200), headers: { 'x-note': corpus[1] } } as never, // prettier-ignore
  })
  const { event_id: event } = await client.events.publish({ body: { event: 'order.placed', data: { [name]: all, list: corpus } } }) // prettier-ignore
  const { id: source } = await client.eventSources.create({ body: { name, verify: { scheme: 'github' } } })
  await client.services.create({ body: { name: 'evil.example', budget: { limit: 300, per_ms: 30_000 } } })
  await client.breakers.forceOpen({ params: { service: 'evil.example' }, body: { reason: all.slice(0, 400), ttl_s: 3_600 } }) // prettier-ignore
  const { data: deliveries } = await until(
    () => client.deliveries.list({ params: { webhook_id: webhook } }),
    (page) => page.data.length > 0,
  )
  const groups = (await client.triage.list()).data
  const dead = (await client.dlq.list({ query: { queue: ['hostile'] } })).data
  return [
    ...jobs.map((id) => `/jobs/${encodeURIComponent(id)}`),
    ...['payload', 'attempts', 'logs', 'flow', 'events'].map(
      (tab) => `/jobs/${encodeURIComponent(jobs[1] ?? '')}?tab=${tab}`,
    ),
    ...groups.map(({ id }) => `/dlq/${id}`),
    ...dead.slice(0, 3).map(({ id }) => `/dlq/entries/${encodeURIComponent(id)}`),
    ...[
      '/',
      '/timeline?view=table',
      '/timeline',
      '/analytics',
      '/jobs',
      '/jobs?q=queue:hostile',
      '/queues',
      '/queues/hostile',
      '/queues/reports',
    ],
    ...['/dlq', '/dlq/entries', '/schedules', '/schedules?view=list', '/schedules/hostile', '/schedules/hostile/edit', '/breakers', '/breakers/evil.example', '/services/evil.example'], // prettier-ignore
    ...[
      '/webhooks',
      `/webhooks/${webhook}`,
      `/webhooks/${webhook}/edit`,
      `/webhooks/${webhook}/deliveries/${deliveries[0]?.id ?? ''}`,
    ],
    ...[
      '/events',
      `/events/${event}`,
      '/events/sources',
      `/events/sources/${source}`,
      '/keys',
      `/keys/${key}`,
      '/audit',
      '/workers',
      '/alerts',
    ],
    ...answers,
    // And what is written into links.
    ...corpus.flatMap((attack) => [`/jobs?q=${encodeURIComponent(attack)}`, `/jobs/${encodeURIComponent(attack)}`]),
    ...corpus.slice(0, 4).flatMap((attack) => ['/timeline?q=', '/dlq?q=', '/schedules?q=', '/events?q=', '/queues/', '/?tz='].map((path) => path + encodeURIComponent(attack))), // prettier-ignore
  ]
}

interface Damage {
  ran: unknown
  elements: string[]
  links: string[]
  violations: string[]
}

const damage = (page: Page): Promise<Damage> =>
  page.evaluate(() => ({
    ran: (globalThis as unknown as { __ran?: unknown }).__ran,
    elements: [...document.querySelectorAll('[data-ran], iframe, base:not(head > base), mglyph, [onerror], [onload], [onfocus]')].map((one) => one.outerHTML.slice(0, 200)), // prettier-ignore
    links: [...document.querySelectorAll<HTMLElement>('[href], [src], [action], [formaction]')]
      .flatMap((one) => ['href', 'src', 'action', 'formaction'].map((name) => one.getAttribute(name) ?? ''))
      .filter((link) => /^\s*(javascript|data:text|vbscript)/i.test(link)),
    violations: [...((globalThis as unknown as { violations?: string[] }).violations ?? [])],
  }))

test('nothing of it runs, becomes an element or a link, or is fetched, on any page and in any tab', async () => {
  const paths = await elsewhere()
  const visit = await site.visit()
  const { page } = visit
  await page.addInitScript(() => {
    const violations: string[] = []
    Object.assign(globalThis, { violations })
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
      violations.push(`${violatedDirective} ${blockedURI}`),
    )
  })
  const found: string[] = []
  for (const path of paths) {
    await visit.open(path)
    const { ran, elements, links, violations } = await damage(page)
    if (ran !== undefined) found.push(`${path} ran`)
    found.push(...[...elements, ...links, ...violations].map((what) => `${path}: ${what}`))
    const loose = await page.locator('a[target=_blank]:not([rel~=noopener])').count()
    if (loose > 0) found.push(`${path}: a link that gives its opener away`)
  }
  expect(found).toEqual([])
  expect(visit.mishaps).toEqual([])
  expect(paths.length).toBeGreaterThan(80)
  await visit.close()
}, 240_000)

test('it is shown as it is, where one looks for it', async () => {
  const visit = await site.visit()
  const { page } = visit
  await visit.open(`/jobs/${encodeURIComponent(jobs[1] ?? '')}?tab=logs`)
  await page
    .getByText(corpus[0] as string, { exact: false })
    .first()
    .waitFor()
  await visit.open('/jobs?q=queue:hostile')
  await page
    .getByText(corpus[1] as string)
    .first()
    .waitFor()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('<img src=x onerror=window.__ran=1>')
  expect((await damage(page).catch(() => ({ ran: undefined }))).ran).toBeUndefined()
  await visit.close()
})

test('what a receiver answers is shown with its attempt: each header, and its body to the end', async () => {
  const visit = await site.visit()
  const { page } = visit
  const told: string[] = []
  for (const path of answers) {
    await visit.open(path)
    const headers = page.getByLabel('Headers of the answer', { exact: true })
    await headers.waitFor()
    const values = await headers.locator('dd').allTextContents()
    expect(inHeader.filter((attack) => !values.includes(attack))).toEqual([])
    told.push(await page.getByRole('region', { name: 'Body of the answer' }).innerText())
    expect(await page.getByText(/^Answered (200|500)$/).count()).toBe(1)
    const { ran, elements, links } = await damage(page)
    expect([ran, ...elements, ...links]).toEqual([undefined])
  }
  // Marks that would turn letters around, and what a terminal obeys, are written out.
  const plain = corpus.filter((attack) => !/[^\x20-\x7e]/.test(attack))
  expect(plain.length).toBeGreaterThan(12)
  expect(plain.filter((attack) => !told.join('\n').includes(attack))).toEqual([])
  expect(visit.mishaps).toEqual([])
  await visit.close()
})
