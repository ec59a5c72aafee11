// Queues and jobs as people steer them: stopped with a reason, emptied as an operation, many dealt with once and only where meant.
import { Redis } from 'ioredis'
import { beforeAll, describe, expect, test } from 'vitest'
import { fill } from '../../scripts/bench/fill.ts'
import { until } from '../support/stack.ts'
import type { Site } from './browser.ts'
import { theSite } from './one-site.ts'

let site: Site
const mail = { to: 'ada@example.org', subject: 'Hello', takes_ms: 10 }

describe('queues', () => {
  beforeAll(async () => {
    site = theSite()
    await site.stack.client.jobs.createMany({
      body: {
        jobs: Array.from({ length: 12 }, (_, n) => ({
          name: 'demo.mail',
          id: `later-${n}`,
          data: mail,
          options: { delay_ms: 3_600_000 },
          tags: [n < 5 ? 'few' : 'rest'],
        })),
      },
    })
  })

  test('a queue is paused with a reason that is seen, emptied as an operation, and resumed', async () => {
    const { client } = site.stack
    const visit = await site.visit()
    const { page } = visit
    await visit.open('/queues')
    const row = page.getByRole('row').filter({ hasText: 'mail' })
    await row.getByRole('button', { name: 'Pause… mail' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Reason').fill('Deploy')
    await dialog.getByRole('button', { name: 'Pause', exact: true }).click()
    await row.getByText('by admin · Deploy').waitFor()
    await client.jobs.createMany({
      body: { jobs: Array.from({ length: 3 }, () => ({ name: 'demo.mail', data: mail })) },
    })

    await row.getByRole('link', { name: 'mail' }).click()
    await page.getByText('Paused by admin until somebody resumes it: Deploy').waitFor()
    await page.getByRole('button', { name: 'Drain…' }).click()
    await dialog.getByText('3 waiting jobs are there now.').waitFor()
    await dialog.getByRole('button', { name: 'Drain 3 jobs' }).dblclick()
    await page.getByText('Removed 3 of 3 jobs.').waitFor()
    expect((await client.operations.list({ query: { kind: ['queue.drain'] } })).data).toHaveLength(1)

    await page.getByRole('button', { name: 'Obliterate…' }).click()
    const last = dialog.getByRole('button', { name: 'Obliterate', exact: true })
    expect(await last.getAttribute('title')).toBe('Type mail to confirm.')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Resume', exact: true }).click()
    await page.getByText('Nothing waits and nothing runs.').waitFor()
    expect(visit.mishaps).toEqual([])
    await visit.close()
  })

  test('a queue whose jobs were there before k1n shows them, and does not say that there are none', async () => {
    const redis = new Redis(site.stack.redis.url)
    await redis.hset('bull:elder:meta', 'version', 'bullmq:5.0.0', 'paused', '1')
    await fill(redis, 'bull', 'elder', 'wait', { count: 3, name: 'elder.job' })
    redis.disconnect()
    await until(
      () => site.stack.client.queues.list(),
      ({ data }) => data.some(({ name }) => name === 'elder'),
    )
    const visit = await site.visit()
    await visit.open('/queues/elder')
    await visit.page.getByText('elder.job').nth(2).waitFor()
    // A job that is made now is known, and hides none of them; nor is it hidden itself when it is cancelled.
    const { client } = site.stack
    await client.jobs.createMany({ body: { jobs: [{ name: 'newer.job', id: 'newer', queue: 'elder', data: {} }] } })
    await until(
      () => client.jobs.list({ query: { queue: ['elder'] } }),
      ({ data }) => data.length === 1,
    )
    const bothAreShown = async (): Promise<void> => {
      await visit.open('/queues/elder')
      await visit.page.getByText('newer.job').waitFor()
      expect(await visit.page.getByText('elder.job').count()).toBe(3)
    }
    await bothAreShown()
    await client.jobs.cancel({ params: { task_id: 'elder:t_newer' } })
    await bothAreShown()
    // The list of all jobs says how far it reaches, and by its state each is found.
    await visit.open('/jobs?q=queue:elder%20name:elder.job')
    await visit.page.getByText('Only jobs made since').waitFor()
    await visit.open('/jobs?q=queue:elder%20state:waiting')
    await visit.page.getByText('elder.job').nth(2).waitFor()
    expect(visit.mishaps).toEqual([])
    await visit.close()
  })

  test('many jobs are dealt with once, after a preview, and never without a filter', async () => {
    const { client } = site.stack
    const visit = await site.visit()
    const { page } = visit
    await visit.open('/jobs?sel=*')
    const remove = page.getByRole('button', { name: 'Delete…', exact: true })
    await remove.waitFor()
    expect(await remove.getAttribute('title')).toBe('Filter first: nothing narrows it down')

    await visit.open('/jobs?q=tag:few')
    await page.getByRole('button', { name: 'Select all that match' }).click()
    await remove.click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText('5 jobs.').waitFor()
    await dialog.getByRole('button', { name: 'Delete 5 jobs' }).dblclick()
    await page.getByText('Deleted 5 of 5 jobs.').waitFor()
    expect((await client.operations.list({ query: { kind: ['jobs.delete'] } })).data).toHaveLength(1)

    await visit.open('/jobs?q=tag:rest')
    await page.locator('[data-row]').first().waitFor()
    for (const key of ['j', 'x', 'j', 'j', 'X', 'c']) await page.keyboard.press(key)
    await dialog.getByText('3 jobs.').waitFor()
    await dialog.getByRole('button', { name: 'Cancel 3 jobs' }).click()
    await until(
      () => client.jobs.list({ query: { state: ['cancelled'], tag: ['rest'] } }),
      ({ data }) => data.length === 3,
    )
    expect(visit.mishaps).toEqual([])
    await visit.close()
  })

  test('who may only look is told what is missing', async () => {
    const { key } = await site.stack.client.auth.createKey({ body: { name: 'viewer', role: 'viewer' } })
    const visit = await site.visit({ key })
    await visit.open('/queues/mail')
    const titleOf = (name: string) => visit.page.getByRole('button', { name, exact: true }).getAttribute('title')
    expect(await titleOf('Pause…')).toBe('Needs queues:manage')
    expect(await titleOf('Obliterate…')).toBe('Needs queues:admin')
    await visit.open('/workers')
    const pause = visit.page.getByRole('button', { name: /^Pause… w_/ }).first()
    expect(await pause.getAttribute('title')).toBe('Needs workers:manage')
    await visit.close()
  })
})
