// What people in trouble work on for longer: a ladder that stops and is steered, causes that come while one reads, what a service
// touches.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { objections } from './axe.ts'
import { bad, openTroubled } from './troubled.ts'
import type { Troubled } from './troubled.ts'

let site: Troubled
beforeAll(async () => {
  site = await openTroubled()
})
afterAll(() => site.close())

test('a ladder stops when the same comes back, goes on at another pace, is aborted, and has a page of its own', async () => {
  const group = await site.groupWith('the card issuer')
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
  const params = { group_id: (await site.groupWith('the card issuer')).id }
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
  expect((await site.groupWith('the card issuer')).state).toBe('ongoing')
  await visit.close()
})

test('a service that is held shows what it touches, each figure as a link, and what half of its limit had meant', async () => {
  const { stack } = site
  const service = 'smtp.example'
  const data = { to: 'ada@example.org', subject: 'Held', takes_ms: 5 }
  const touches = () => stack.client.touches.service({ params: { service } })
  await stack.client.jobs.create({ body: { name: 'demo.mail', id: 'sent', data } })
  await until(touches, ({ calls }) => calls.calls > 0)
  await stack.client.breakers.forceOpen({ params: { service }, body: { reason: 'Maintenance', ttl_s: 600 } })
  await stack.client.jobs.create({ body: { name: 'demo.mail', id: 'held', data } })
  await until(touches, ({ parked }) => parked > 0)
  const visit = await site.visit()
  await visit.open(`/services/${service}`)
  const section = visit.page.locator('section[aria-labelledby=touches]')
  await section.getByText(/ in 1 queue (is|are) parked for it\./).waitFor()
  await section.getByRole('row').filter({ hasText: 'demo.mail' }).getByText('declared').waitFor()
  // The mark of a breaker that opened this very moment stands where the Pulse says "now".
  expect((await objections(visit.page)).filter((line) => !/class="now /.test(line))).toEqual([])
  await section.getByRole('link', { name: /^(At least |About )?[\d,]+ jobs?$/ }).click()
  await visit.page.getByRole('heading', { level: 1, name: 'Jobs' }).waitFor()
  await visit.page.getByRole('link', { name: 'demo.mail' }).first().waitFor()
  await visit.page.goBack()
  const limit = section.getByLabel('Another limit')
  await limit.check()
  await section.getByText(/would have had to wait/).waitFor()
  await section.getByLabel('At most').fill('none')
  await section.getByText('Must be a number').waitFor()
  await stack.client.breakers.auto({ params: { service }, body: {} })
  expect(visit.mishaps.splice(0)).toEqual([])
  await visit.close()
})
