// Dead letters emptied as people do it: found by cause, resubmitted step by step, ignored, discarded and brought back, live.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { openSite } from './browser.ts'
import type { Site } from './browser.ts'

let site: Site

const bad = { takes_ms: 5, fails_until: 50, fails_as: 'permanent' }

/** Nothing the demo's handlers do for these is charged to a breaker that other jobs need. */
beforeAll(async () => {
  site = await openSite()
  const recordings = Array.from({ length: 14 }, (_, n) => ({ name: 'demo.encode', data: { ...bad, recording: `r-${n}`, steps: 1 } })) // prettier-ignore
  const charges = Array.from({ length: 4 }, (_, n) => ({ name: 'demo.charge', data: { ...bad, customer: `c-${n}`, amount_cents: n } })) // prettier-ignore
  await site.stack.client.jobs.createMany({ body: { jobs: [...recordings, ...charges] } })
  await groupWith('the card issuer', ({ open }) => open === 4)
  await groupWith('the encoder', ({ open }) => open === 14)
})
afterAll(() => site.close())

type Group = Awaited<ReturnType<Site['stack']['client']['triage']['list']>>['data'][number]

const groupWith = async (title: string, is: (group: Group) => boolean = () => true): Promise<Group> => {
  const found = await until(
    async () => (await site.stack.client.triage.list()).data.find((group) => group.title.includes(title)),
    (group) => group !== undefined && is(group),
  )
  return found as Group
}

test('with the keyboard alone a cause is found, its payloads are changed, and the ladder is watched to its end', async () => {
  const visit = await site.visit()
  const { page } = visit
  await visit.open('/')
  await page.keyboard.press('g')
  await page.keyboard.press('d')
  await page.getByRole('link', { name: /the encoder: refused for good/ }).waitFor()
  while (!/the encoder/.test((await page.evaluate(() => document.activeElement?.textContent)) ?? ''))
    await page.keyboard.press('j')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Edit and resubmit…' }).waitFor()
  await page.keyboard.press('e')
  await page.getByText('14 dead letters, the oldest first:').waitFor()
  await page.getByLabel('Change the payload').focus()
  await page.keyboard.type('{"fails_until": 0}')
  await page
    .getByRole('list', { name: /^What it changes/ })
    .getByText('fails_until')
    .waitFor()
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.tagName)).not.toBe('TEXTAREA')
  await page.getByRole('button', { name: 'Start with 1' }).focus()
  await page.keyboard.press('Enter')
  await page.getByText('Resubmitted 14 of 14 dead letters. Of those').waitFor()
  const steps = page.getByRole('list', { name: 'Steps' })
  expect(await steps.innerText()).toMatch(
    /1 of 1 came through[\s\S]*10 of 10 came through[\s\S]*The rest at 20\/s\s*Done/,
  )
  await page.reload()
  await page.getByText('Resubmitted 14 of 14 dead letters. Of those').waitFor()
  await page.getByText('None lies there now.', { exact: true }).waitFor()
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

/** What would be on paper. */
const printed = async (page: Page): Promise<string> => {
  await page.emulateMedia({ media: 'print' })
  await page.locator('html[data-theme=light]').waitFor()
  const text = await page.locator('body').innerText()
  await page.emulateMedia({ media: 'screen' })
  return text
}

test('a ladder stops when the same comes back, goes on at another pace, is aborted, and has a page of its own', async () => {
  const group = await groupWith('the card issuer')
  const visit = await site.visit()
  const { page } = visit
  await visit.open(`/dlq/${group.id}`)
  await page.getByRole('button', { name: 'Resubmit…', exact: true }).click()
  await page.getByRole('button', { name: 'Start with 1' }).click()
  await page.getByText('1 of the 1 looked at last failed again; above 50 % it stops.').waitFor()
  await page.getByText('Stopped here: 0 of 1 came through, 1 failed again').waitFor()
  await page.getByRole('link', { name: 'Open operation' }).click()
  await page.getByRole('heading', { level: 1, name: /^Operation op_/ }).waitFor()
  await page.getByLabel('Pace of the rest').focus()
  await page.keyboard.press('ArrowRight')
  await page.getByText('Goes at 50 a second from now on.').waitFor()
  await page.getByRole('button', { name: 'Abort' }).click()
  await page.getByText('Cancelled', { exact: true }).waitFor()
  const [operation] = (await site.stack.client.operations.list({ query: { status: ['cancelled'] } })).data
  expect(operation).toMatchObject({ pace_per_s: 50, progress: { done: 1 } })
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test('what is discarded leaves at once, and comes back when somebody thinks better of it', async () => {
  const group = await groupWith('the card issuer', ({ open }) => open === 4)
  const visit = await site.visit()
  const { page } = visit
  await visit.open(`/dlq/${group.id}`)
  await page.getByRole('button', { name: 'Discard…' }).click()
  await page.getByRole('button', { name: 'Discard 4' }).click()
  await page.getByText('Discarded 4 of 4 dead letters.').waitFor()
  await page.getByText('None lies there now.', { exact: true }).waitFor()
  await page.getByRole('status', { name: 'Messages' }).getByRole('button', { name: 'Undo' }).click()
  await page.getByText('Bringing them back.', { exact: false }).waitFor()
  await groupWith('the card issuer', ({ open }) => open === 4)
  await page.getByText('4 dead letters lie in 1 queue', { exact: false }).waitFor()
  await visit.close()
})

test('a new cause appears by itself and moves no row that is read; one that is selected is ignored, and reopened', async () => {
  const visit = await site.visit()
  const { page } = visit
  await visit.open('/dlq')
  await page.getByText(/^Live,/).waitFor()
  const row = page.getByRole('row').filter({ hasText: 'the card issuer' })
  await row.hover()
  await site.stack.client.jobs.create({ body: { name: 'demo.report', data: { ...bad, title: 'May' } } })
  await page.getByRole('button', { name: 'Show 1 new group' }).waitFor()
  expect(await page.getByText('demo.report').count()).toBe(0)
  await page.getByRole('heading', { level: 1 }).hover()
  await page.getByRole('link', { name: /the warehouse: refused for good/ }).waitFor()

  await row.getByRole('checkbox').check()
  await page.getByText('1 group selected, 4 dead letters.').waitFor()
  await page.waitForURL(/sel=/)
  await page.reload()
  await page.getByRole('button', { name: 'Ignore until…' }).click()
  await page.getByLabel('Or more die in an hour than').fill('50')
  await page.getByRole('button', { name: 'Ignore', exact: true }).click()
  await page.getByText('Ignored the group.').waitFor()
  await page.getByLabel('Show').selectOption('ignored')
  await page.getByText(/^Ignored until .* or more than 50 die in an hour$/).waitFor()
  await row.getByRole('link').click()
  // Ours reaches the server after somebody else's, and before theirs is known here.
  const params = { group_id: (await groupWith('the card issuer')).id }
  let theirs: unknown
  await page.route('**/dlq/groups/*', async (route) => {
    if (route.request().method() === 'PATCH')
      theirs ??= await site.stack.client.triage.decide({ params, body: { assignee: 'Ada' } })
    return route.continue()
  })
  await page.getByRole('button', { name: 'Reopen', exact: true }).click()
  await page.getByText(/Reopening did not work/).waitFor()
  await page.getByText('Ada looks after it.', { exact: false }).waitFor()
  await page.getByRole('button', { name: 'Reopen', exact: true }).click()
  await page.getByText('Reopened the group.').waitFor()
  expect((await groupWith('the card issuer')).state).toBe('ongoing')
  await visit.close()
})

test('who may only look is told what it takes, can print it, and comes by links of before', async () => {
  const { key } = await site.stack.client.auth.createKey({ body: { name: 'viewer', role: 'viewer' } })
  const group = await groupWith('the card issuer')
  const visit = await site.visit({ key, theme: 'dark' })
  await visit.open(`/dlq/${group.id}`)
  const titleOf = (name: string) => visit.page.getByRole('button', { name, exact: true }).getAttribute('title')
  expect(await titleOf('Resubmit…')).toBe('Needs recovery:write')
  expect(await titleOf('Discard…')).toBe('Needs queues:admin')
  await visit.page.getByRole('row').filter({ hasText: 'the card issuer' }).first().waitFor()
  const text = await printed(visit.page)
  expect(text).toMatch(/the card issuer[\s\S]*4 dead letters lie in 1 queue[\s\S]*Versions[\s\S]*demo\.charge/)
  expect(text).not.toMatch(/Discard…|Timeline|Copy stack trace|Search/)
  await visit.open(`/dlq/${encodeURIComponent(group.sample.dlq_id)}`)
  expect(new URL(visit.page.url()).pathname).toBe(`/dlq/entries/${encodeURIComponent(group.sample.dlq_id)}`)
  await visit.page
    .getByText(/the card issuer: refused for good/)
    .first()
    .waitFor()
  await visit.close()
})
