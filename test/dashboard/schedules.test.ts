// Schedules in the browser: made with the keyboard alone, run, paused and resumed live, changed beside what code says, adopted
// from another service, and refused with a reason.
import { Queue } from 'bullmq'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { openSite } from './browser.ts'
import type { Site } from './browser.ts'
import { keysOf, pointed } from './keys.ts'

let site: Site

beforeAll(async () => {
  // With the schedules that the demo's code declares.
  site = await openSite({ K1N_DEMO: 'on' })
})
afterAll(() => site.close())

const data = { to: 'ada@example.org', subject: 'Hello', takes_ms: 10 }
const rare = { type: 'cron', expression: '0 4 1 1 *', timezone: 'UTC' } as const

const make = (id: string, over: object = {}) =>
  site.stack.client.schedules.create({
    body: { id, name: id, job_name: 'demo.mail', data, trigger: rare, ...over },
  })

/** What is read out beside a control. */
const describedBy = (page: Page, name: string): Promise<string> =>
  page.getByLabel(name, { exact: true }).evaluate((control) =>
    (control.getAttribute('aria-describedby') ?? '')
      .split(' ')
      .map((id) => document.getElementById(id)?.textContent ?? '')
      .join(' '),
  )

test('with the keyboard alone a schedule is made: a cron that cannot be is told at its field, mended, previewed and saved', async () => {
  const visit = await site.visit()
  const { page } = visit
  const presses = await pointed(page)
  const keys = keysOf(page)
  const field = (name: string) => page.getByLabel(name, { exact: true })
  const fill = async (name: string, text: string): Promise<void> => {
    await keys.goTo(field(name))
    await keys.retype(text)
  }
  await visit.open('/')
  await keys.press('g', 's')
  await page.getByRole('heading', { level: 1, name: 'Schedules' }).waitFor()
  await keys.goTo(page.getByRole('link', { name: 'New schedule', exact: true }))
  await keys.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'New schedule' }).waitFor()
  await fill('Name', 'Night watch')
  await fill('Job', 'demo.mail')
  await fill('Expression', '30 2 * *')
  await fill('Time zone', 'Europe/Berlin')
  await fill('Payload', JSON.stringify(data))
  await page.getByText('It cannot be carried out yet', { exact: false }).waitFor()
  await field('Expression').and(page.locator('[aria-invalid]')).waitFor()
  expect(await describedBy(page, 'Expression')).toMatch(/^Has 4 fields; five are needed/)

  // Who would save it all the same stands before what is wrong.
  await keys.goTo(page.getByRole('button', { name: 'Make the schedule' }))
  await keys.press('Enter')
  await expect.poll(() => keys.isOn(field('Expression'))).toBe(true)
  await keys.retype('30 2 * 3 0L')
  await page.getByText('It fires at 02:30', { exact: false }).waitFor()
  const times = page.getByRole('list', { name: 'Next times' }).getByRole('listitem')
  await times.first().getByText('clocks go forward from 02:00 to 03:00', { exact: false }).waitFor()
  expect(await times.count()).toBe(5)
  expect(await times.first().innerText()).toMatch(/^Sun \d\d Mar[\s\S]*03:30/)
  await keys.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Night watch' }).waitFor()
  expect(await site.stack.client.schedules.show({ params: { schedule_id: 'night-watch' } })).toMatchObject({
    trigger: { type: 'cron', expression: '30 2 * 3 0L', timezone: 'Europe/Berlin' },
    data,
    misfire: 'run_once',
  })
  expect(await presses()).toEqual([])
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test('a job that is started by hand appears in the history, leads to its schedule, and a pause is seen on every screen', async () => {
  await make('ledger')
  const [visit, other] = await Promise.all([site.visit(), site.visit({ theme: 'dark' })])
  const { page } = visit
  await Promise.all([visit.open('/schedules/ledger'), other.open('/schedules?view=list')])
  await page.getByText(/^Live,/).waitFor()
  await page.getByText('It has not run yet.').waitFor()
  await page.getByRole('button', { name: 'Run now…' }).click()
  await page.getByLabel('Reason (may stay empty)').fill('A look')
  await page.getByRole('dialog').getByRole('button', { name: 'Run now', exact: true }).click()
  await page.getByText('1 of 1 ran on time', { exact: false }).first().waitFor()
  await page.keyboard.press('t')
  await page.getByRole('cell', { name: /Started by admin: A look/ }).waitFor()
  await page.getByRole('link', { name: 'Open job' }).first().click()
  await page.getByRole('link', { name: 'ledger', exact: true }).click()

  await page.getByRole('button', { name: 'Pause…' }).click()
  await page.getByLabel('Reason (may stay empty)').fill('Audit')
  await page.getByLabel('For').selectOption({ label: '1 hour' })
  await page.getByRole('dialog').getByRole('button', { name: 'Pause', exact: true }).click()
  await page.getByText(/Paused by admin: Audit\. It does not fire until .*\d\d:\d\d/).waitFor()
  const row = other.page.getByRole('row').filter({ hasText: 'ledger' })
  await row.getByText('Paused', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Resume' }).click()
  await row.getByText('Scheduled', { exact: true }).waitFor()
  await page.getByRole('button', { name: 'Delete…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await row.waitFor({ state: 'detached' })
  expect([...visit.mishaps, ...other.mishaps]).toEqual([])
  await Promise.all([visit.close(), other.close()])
})

test('the board tells what departs, what meets, and moves on by itself', async () => {
  const at = new Date(Date.now() + 3_600_000)
  const expression = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`
  await Promise.all(['meets-a', 'meets-b', 'meets-c'].map((id) => make(id, { trigger: { ...rare, expression } })))
  const visit = await site.visit()
  await visit.open('/schedules')
  const row = visit.page.getByRole('row').filter({ hasText: 'meets-b' })
  await row.getByText(/in (5[89] min|1 h)/).waitFor()
  await row.getByText('On time').waitFor()
  await visit.page.getByText(/: 3 schedules at once, all on mail: meets-a, meets-b, meets-c\./).waitFor()
  await site.stack.client.schedules.pause({ params: { schedule_id: 'meets-b' }, body: {} })
  await row.waitFor({ state: 'detached' })
  await site.stack.client.schedules.resume({ params: { schedule_id: 'meets-b' } })
  await visit.page.getByRole('button', { name: /^Spread… \d\d:\d\d$/ }).click()
  await visit.page.getByRole('dialog').getByLabel('Over').selectOption({ label: '1 hour' })
  await visit.page.getByRole('button', { name: 'Spread 3 schedules', exact: true }).click()
  await visit.page.getByText(/3 schedules at once, all on mail/).waitFor({ state: 'detached' })
  const { data: all } = await site.stack.client.schedules.list()
  const spread = all.filter(({ spread_ms: ms }) => ms === 3_600_000).map(({ id }) => id)
  expect(spread.sort()).toEqual(['meets-a', 'meets-b', 'meets-c'])
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test('what two people change at once is kept, and what was refused can be mended', async () => {
  await make('shared')
  const visit = await site.visit()
  const { page } = visit
  await visit.open('/schedules/shared/edit')
  await page.getByText(/^Live,/).waitFor()
  await page.getByLabel('Missed after').fill('soon')
  await page.getByText('Write it as 90 s, 15 min or 1 h 30 min.').waitFor()
  await page.getByLabel('Missed after').fill('2 min')
  await site.stack.client.schedules.edit({ params: { schedule_id: 'shared' }, body: { tags: ['night'] } })
  await page.getByText(/Someone changed this meanwhile: tags\. Your edit is kept/).waitFor()
  await page.getByLabel('Job', { exact: true }).fill('demo.nothing')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByLabel('Job', { exact: true }).and(page.locator('[aria-invalid]:focus')).waitFor()
  await page.getByLabel('Job', { exact: true }).fill('demo.mail')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('heading', { level: 1, name: 'shared', exact: true }).waitFor()
  expect(await site.stack.client.schedules.show({ params: { schedule_id: 'shared' } })).toMatchObject({
    grace_ms: 120_000,
    tags: ['night'],
  })
  await visit.close()
})

test('what is changed of a schedule that code declares stands beside what code says, until somebody goes back', async () => {
  const params = { schedule_id: 'demo-nightly-report' }
  await until(
    () => site.stack.client.schedules.list(),
    ({ data: all }) => all.some(({ id }) => id === params.schedule_id),
  )
  const visit = await site.visit({ theme: 'dark' })
  const { page } = visit
  await visit.open('/schedules/demo-nightly-report/edit')
  await page.getByRole('radio', { name: 'Wait' }).check()
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const row = page.getByRole('row').filter({ hasText: 'overlap' })
  await row.getByRole('cell', { name: 'queue_one' }).waitFor()
  expect(await row.innerText()).toMatch(/overlap\s+skip\s+queue_one/)
  expect(await page.getByRole('button', { name: 'Delete…' }).getAttribute('title')).toMatch(/Code declares it/)
  await page.getByRole('button', { name: 'Back to what code says' }).click()
  await page.getByText('It is as code declares it.').waitFor()
  expect(await site.stack.client.schedules.show({ params })).toMatchObject({ overlap: 'skip', changed: [] })
  await visit.close()
})

test('a scheduler of another service is left alone until somebody adopts it', async () => {
  const queue = new Queue('legacy', { connection: { url: site.stack.redis.url } })
  await queue.upsertJobScheduler(
    'weekly',
    { pattern: '0 6 * * 1', tz: 'Europe/Berlin' },
    { name: 'report', data: { a: 1 } },
  )
  await until(
    () => site.stack.client.schedules.foreign(),
    ({ data: all }) => all.some(({ queue: name }) => name === 'legacy'),
  )
  const visit = await site.visit()
  await visit.open('/schedules?view=list')
  await visit.page.getByRole('button', { name: 'Adopt… weekly' }).click()
  await visit.page.getByRole('dialog').getByRole('button', { name: 'Adopt', exact: true }).click()
  await visit.page.getByText('Adopted from another service', { exact: false }).waitFor()
  expect(await queue.getJobScheduler('weekly')).toBeUndefined()
  await queue.close()
  await visit.close()
})

test('who may only look is told what it takes', async () => {
  await make('watched')
  const { key } = await site.stack.client.auth.createKey({ body: { name: 'viewer', role: 'viewer' } })
  const visit = await site.visit({ key })
  await visit.open('/schedules/watched')
  const titleOf = (name: string) => visit.page.getByRole('button', { name, exact: true }).getAttribute('title')
  for (const name of ['Run now…', 'Pause…', 'Delete…']) expect(await titleOf(name)).toBe('Needs schedules:write')
  await visit.open('/schedules/watched/edit')
  await visit.page.getByText('The payload is not shown: that needs jobs:data.', { exact: false }).waitFor()
  await visit.page.getByLabel('Name', { exact: true }).fill('Other')
  expect(await titleOf('Save')).toBe('Needs schedules:write')
  await visit.close()
})
