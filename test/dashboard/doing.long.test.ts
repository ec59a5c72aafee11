// Doing things where others do them too, where the hand is too quick and where the network fails: one effect each, and nobody is
// left guessing.
import type { Page, Request } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { objections } from './axe.ts'
import { openSite } from './browser.ts'
import type { Site } from './browser.ts'
import { bad } from './troubled.ts'

const MANY = 10_000
let site: Site
beforeAll(async () => {
  site = await openSite()
})
afterAll(() => site.close())

/** A job that dies at once; answers the id of its dead letter. */
const dead = async (id: string): Promise<string> => {
  const { client } = site.stack
  const job = await client.jobs.create({ body: { name: 'demo.encode', id, data: { ...bad, recording: id, steps: 1 } } })
  const { data } = await until(
    () => client.dlq.list({ query: { q: job.id } }),
    (page) => page.data.length > 0,
  )
  return data[0]?.id ?? ''
}

const dialog = (page: Page) => page.getByRole('dialog')
const askResubmit = async (page: Page): Promise<void> => {
  await page.getByRole('button', { name: 'Resubmit…', exact: true }).click()
  await dialog(page).waitFor()
}

test('of two who resubmit the same the second is told by whom it was done, and keeps what was typed', async () => {
  const id = await dead('wanted-twice')
  const { key } = await site.stack.client.auth.createKey({ body: { name: 'Grace', role: 'admin' } })
  const [mine, hers] = await Promise.all([site.visit(), site.visit({ key })])
  const { page } = mine
  const path = `/dlq/entries/${encodeURIComponent(id)}`
  await Promise.all([mine.open(path), hers.open(path)])
  await page.getByText(/^Live,/).waitFor()
  await Promise.all([askResubmit(page), askResubmit(hers.page)])
  await dialog(page)
    .getByLabel(/^Reason/)
    .fill('The encoder was mended.')
  // Ours leaves the browser before hers is known here, and arrives after it.
  const answers: number[] = []
  await page.route('**/resubmit', async (route) => {
    await dialog(hers.page).getByRole('button', { name: 'Resubmit', exact: true }).click()
    await hers.page.getByRole('heading', { level: 1, name: /^Job/ }).waitFor()
    const answer = await route.fetch()
    answers.push(answer.status())
    await route.fulfill({ response: answer })
  })
  await dialog(page).getByRole('button', { name: 'Resubmit', exact: true }).click()
  await page.getByText(/Resubmitting did not work: .* was given another life already/).waitFor()
  await dialog(page).getByText('Grace resubmitted it meanwhile.', { exact: false }).waitFor()
  expect(
    await dialog(page)
      .getByLabel(/^Reason/)
      .inputValue(),
  ).toBe('The encoder was mended.')
  expect(answers).toEqual([409])
  await page.keyboard.press('Escape')
  const again = page.getByRole('button', { name: 'Resubmit…', exact: true })
  expect(await again.getAttribute('title')).toBe('Grace resubmitted it')
  expect([...mine.mishaps, ...hers.mishaps]).toEqual([])
  await Promise.all([mine.close(), hers.close()])
})

test('of two who edit the same schedule the second sees what the first changed, and loses nothing', async () => {
  const trigger = { type: 'interval', every_ms: 3_600_000 } as const
  const { id } = await site.stack.client.schedules.create({
    body: { id: 'shared', name: 'Shared', job_name: 'demo.mail', data: { to: 'ada@example.org', subject: 'Hello', takes_ms: 5 }, trigger }, // prettier-ignore
  })
  const visit = await site.visit()
  const { page } = visit
  await visit.open(`/schedules/${id}/edit`)
  await page.getByLabel('Name', { exact: true }).fill('Mine')
  let theirs: unknown
  await page.route('**/scheduler/schedules/shared', async (route) => {
    if (route.request().method() === 'PATCH')
      theirs ??= await site.stack.client.schedules.edit({
        params: { schedule_id: id },
        body: { misfire: 'skip' },
      })
    return route.continue()
  })
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText(/Saving the schedule did not work/).waitFor()
  await page.getByText(/changed this meanwhile: .*Your edit is kept/).waitFor()
  expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Mine')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByText('Saved Mine.').waitFor()
  expect(await site.stack.client.schedules.show({ params: { schedule_id: id } })).toMatchObject({ name: 'Mine', misfire: 'skip' }) // prettier-ignore
  await visit.close()
})

/** Notes the keys under which something is sent to an address. */
const keysOf = (page: Page, part: string): (string | undefined)[] => {
  const keys: (string | undefined)[] = []
  page.on('request', (request: Request) => {
    if (request.method() === 'POST' && request.url().includes(part)) keys.push(request.headers()['idempotency-key'])
  })
  return keys
}

const lives = async (dlqId: string): Promise<number> => {
  const { data } = await site.stack.client.events.list({ query: { type: ['error_recovery.dlq_entry_resubmitted'] } })
  return data.filter((told) => told.data['dlq_id'] === dlqId).length
}

test('a double click is one effect, and a request whose answer was lost is sent again under the same key', async () => {
  const [quick, lost] = [await dead('quick'), await dead('lost')]
  const visit = await site.visit()
  const { page } = visit
  await visit.open(`/dlq/entries/${encodeURIComponent(quick)}`)
  const keys = keysOf(page, '/resubmit')
  await askResubmit(page)
  await dialog(page).getByRole('button', { name: 'Resubmit', exact: true }).dblclick()
  await page.getByRole('heading', { level: 1, name: /^Job/ }).waitFor()
  expect(keys.length).toBe(1)

  await visit.open(`/dlq/entries/${encodeURIComponent(lost)}`)
  let sent = 0
  await page.route('**/resubmit', async (route) => {
    sent += 1
    if (sent > 1) return route.continue()
    // The server did it; nobody hears of that.
    await route.fetch()
    return route.abort('connectionreset')
  })
  await askResubmit(page)
  await dialog(page).getByRole('button', { name: 'Resubmit', exact: true }).click()
  await page.getByText('Resubmitted demo.encode.').waitFor()
  await page.getByRole('heading', { level: 1, name: /^Job/ }).waitFor()
  const [, first, second] = keys
  expect(first).toMatch(/^[0-9a-f]{32}$/)
  expect(second).toBe(first)
  expect([await lives(quick), await lives(lost)]).toEqual([1, 1])
  await visit.close()
})

test('without a filter nothing can be done to all jobs: the page does not offer it and the API refuses', async () => {
  await site.stack.client.jobs.create({ body: { name: 'demo.mail', data: { to: 'a@example.org', subject: 'x', takes_ms: 5 } } }) // prettier-ignore
  const visit = await site.visit()
  const { page } = visit
  await visit.open('/jobs?sel=*')
  const toolbar = page.getByRole('region', { name: 'Selected jobs' })
  const buttons = toolbar.getByRole('button', { name: /…$/ })
  await buttons.first().waitFor()
  expect(await buttons.count()).toBe(5)
  for (const button of await buttons.all()) expect(await button.getAttribute('title')).toMatch(/^Filter first/)
  await visit.open('/jobs')
  await page.getByRole('checkbox').first().check()
  expect(await toolbar.getByRole('button', { name: 'All that match' }).getAttribute('title')).toMatch(/^Filter first/)
  const status = await page.evaluate(async () => {
    const { csrf_token: csrf } = (await (await fetch('/auth/session')).json()) as { csrf_token: string }
    const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf }
    const send = async (path: string, body: unknown) =>
      (await fetch(`/api/v2${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).status
    const answers: number[] = []
    for (const verb of ['retry', 'promote', 'cancel', 'skip', 'delete'])
      for (const body of [{ filter: {} }, {}]) answers.push(await send(`/jobs/actions/${verb}`, body))
    for (const verb of ['resubmit', 'purge'])
      for (const body of [{ filter: {} }, {}]) answers.push(await send(`/error-recovery/dlq/${verb}`, body))
    return answers
  })
  expect(new Set(status)).toEqual(new Set([422]))
  await visit.close()
})

test('10,000 that match are cancelled as counted, one that went meanwhile is told, abort stops within a second, and the audit has one entry', async () => {
  const { client } = site.stack
  for (let n = 0; n < MANY; n += 1_000)
    await client.jobs.createMany({
      body: {
        jobs: Array.from({ length: 1_000 }, (_, place) => ({
          name: 'demo.charge',
          id: `all-${n + place}`,
          data: { customer: `c-${n}`, amount_cents: 1, takes_ms: 5 },
          options: { delay_ms: 3_600_000 },
        })),
      },
    })
  const visit = await site.visit()
  const { page } = visit
  await visit.open('/jobs?q=name:demo.charge state:delayed')
  await page.getByRole('button', { name: 'Select all that match' }).click()
  await page.getByRole('button', { name: 'Cancel…', exact: true }).click()
  await dialog(page)
    .getByText(/\d jobs/)
    .first()
    .waitFor()
  // Counting ends after two seconds, also where it is not done; both the words and the button say so then.
  const isAll =
    (await dialog(page)
      .getByText(/^At least [\d,]+ jobs; counting stopped/)
      .count()) === 0
  expect(await dialog(page).getByRole('listitem').count()).toBe(5)
  await client.jobs.cancel({ params: { task_id: 'billing:t_all-17' }, body: {} })
  await dialog(page)
    .getByLabel(/^Reason/)
    .fill('Charged twice')
  await dialog(page)
    .getByRole('button', { name: isAll ? 'Cancel 10,000 jobs' : /^Cancel at least [\d,]+ jobs$/ })
    .click()
  const abort = page.getByRole('button', { name: 'Abort' })
  await abort.waitFor()
  const since = Date.now()
  await abort.click()
  const stopped = await until(
    async () => (await client.operations.list({ query: { status: ['cancelled'] } })).data[0],
    (operation) => operation !== undefined,
  )
  // As the server tells its end: asking for it takes its own time.
  const took = Date.parse(stopped?.finished_at ?? '') - since
  const count = async (): Promise<number> => (await client.jobs.cancelAll({ body: { filter: { state: ['delayed'], name: ['demo.charge'] }, dry_run: true } }) as { matched: number }).matched // prettier-ignore
  const left = await count()
  const progress = stopped?.progress as { done: number; failed?: number; skipped?: number; total: number }
  console.log(`aborted within ${took} ms: ${JSON.stringify(progress)}, ${left} left`)
  expect(took).toBeLessThan(1_000)
  await new Promise((resolve) => setTimeout(resolve, 500))
  expect(await count()).toBe(left)
  // The one that somebody else cancelled is among those that are gone, and was not done by this.
  expect(left).toBe(MANY - 1 - progress.done)

  await visit.open('/jobs?q=name:demo.charge state:delayed')
  await page.getByRole('button', { name: 'Select all that match' }).click()
  await page.getByRole('button', { name: 'Cancel…', exact: true }).click()
  await dialog(page)
    .getByRole('button', { name: /^Cancel (at least )?[\d,]+ jobs$/ })
    .click()
  await until(
    async () => (await client.operations.list({ query: { status: ['succeeded', 'partially_succeeded'] } })).data,
    (ended) => ended.length > 0,
    250,
  )
  await page.getByRole('main').getByText('Done', { exact: true }).and(page.locator(':visible')).first().waitFor()
  expect(await count()).toBe(0)
  const ended = await client.operations.list({ query: { status: ['succeeded', 'partially_succeeded'] } })
  expect(ended.data[0]?.progress).toMatchObject({ done: left })
  const audited = (await client.audit.list({ query: { limit: 100 } })).data.filter(
    ({ reason }) => reason === 'Charged twice',
  )
  expect(audited.length).toBe(1)
  expect(visit.mishaps).toEqual([])
  await visit.close()
}, 180_000)

test('who comes back reads what changed since they looked in any browser, hands it over, and is caught up in every one', async () => {
  const { client, url } = site.stack
  const { key } = await client.auth.createKey({ body: { name: 'Lin', role: 'admin' } })
  const body = JSON.stringify({ last_seen_at: new Date(Date.now() - 3_600_000).toISOString() })
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
  await fetch(`${url}/api/v2/me/preferences`, { method: 'PATCH', headers, body })
  await client.schedules.create({
    body: { id: 'away', name: 'Digest', job_name: 'demo.encode', data: { ...bad, recording: 'away', steps: 1 }, trigger: { type: 'interval', every_ms: 3_600_000 } }, // prettier-ignore
  })
  await client.schedules.pause({ params: { schedule_id: 'away' }, body: { reason: 'holidays' } })

  const [here, there] = await Promise.all([site.visit({ key }), site.visit({ key })])
  const { page } = here
  await here.context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await here.open('/')
  await page.keyboard.press('u')
  await page.getByRole('heading', { level: 1, name: 'Catch me up' }).waitFor()
  const paused = page.getByRole('list', { name: 'Schedules' }).getByRole('listitem').filter({ hasText: 'Digest' })
  await paused.getByText('by admin: holidays').waitFor()
  expect(await page.locator('#main').innerText()).toMatch(/From [^\n]+, 1 h ago, to /)
  // The Pulse is judged where nothing lies over its words.
  expect((await objections(page)).filter((line) => !/^undecided .*class="now /.test(line))).toEqual([])
  await page.getByRole('button', { name: 'Copy Markdown' }).click()
  await page.getByText('Copied the Markdown.').waitFor()
  expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/- \*\*Paused\*\* \[Digest\]\(http.*\/schedules\/away\?from=.*by admin: holidays/) // prettier-ignore

  await paused.getByRole('link').click()
  await page.getByRole('heading', { level: 1, name: /Digest|away/ }).waitFor()
  expect([...new URL(page.url()).searchParams.keys()]).toEqual(['from', 'to'])
  await page.goBack()
  await page.getByRole('button', { name: 'I am caught up' }).click()
  await page.getByText(/^Nothing changed since/).waitFor()
  await there.open('/changes')
  await there.page.getByText(/^Nothing changed since/).waitFor()
  expect([here.mishaps, there.mishaps]).toEqual([[], []])
  await Promise.all([here.close(), there.close()])
})

test('what somebody could not save is not saved for the next to sign in on their page', async () => {
  const { client } = site.stack
  const { key } = await client.auth.createKey({ body: { name: 'Grace', role: 'admin' } })
  const visit = await site.visit({ key })
  const { page } = visit
  await visit.open('/settings')
  await page.route('**/me/preferences', (route) => (route.request().method() === 'PATCH' ? route.abort() : route.continue())) // prettier-ignore
  await page.getByRole('radio', { name: 'Dark', exact: true }).check()
  await page.getByText(/not saved|could not be/i).first().waitFor() // prettier-ignore
  await visit.context.clearCookies()
  await page.getByRole('link', { name: /^Queues/ }).first().click() // prettier-ignore
  await page.getByText('Your session ended.', { exact: false }).waitFor()
  await page.unroute('**/me/preferences')
  const sent: unknown[] = []
  page.on('request', (request) => {
    if (request.method() === 'PATCH' && request.url().endsWith('/me/preferences')) sent.push(request.postDataJSON())
  })
  await page.getByLabel('Key', { exact: true }).fill(site.stack.key)
  const anew = page.waitForEvent('load')
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await anew
  await page.getByRole('heading', { level: 1, name: 'Queues' }).waitFor()
  await visit.open('/settings')
  await page.getByRole('radio', { name: 'Compact', exact: true }).check()
  await until(
    () => client.preferences.show(),
    ({ density }) => density === 'compact',
  )
  expect(await client.preferences.show()).toMatchObject({ theme: 'system', density: 'compact' })
  expect(sent.filter((body) => JSON.stringify(body).includes('theme'))).toEqual([])
  await client.preferences.edit({ body: { density: null } })
  await visit.close()
})
