// A queue that fails, from the first look to the end of its alert: fires, is acknowledged from the overview, and is resolved.
import { Queue, UnrecoverableError, Worker } from 'bullmq'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { createChecker } from '../../shared/alerts/checker.ts'
import { createBull } from '../../shared/bullmq/bullmq.ts'
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import { createServices } from '../../shared/services/services.ts'
import { until } from '../support/stack.ts'
import type { Site } from './browser.ts'
import { theSite } from './one-site.ts'

let site: Site
/** How many jobs ran by now. A rate would not do: it never reaches them all when a minute ends in their midst. */
let counted = 0

describe('alerts', () => {
  beforeAll(async () => (site = theSite()))

  /** Runs jobs of a queue as another service does, and waits until the recorder has counted them. */
  const runJobs = async ({ stack }: Site, queue: string, how: { failing: number; good: number }): Promise<void> => {
    const connection = { url: stack.redis.url, maxRetriesPerRequest: null }
    const jobs = new Queue(queue, { connection })
    const fails = [...Array<true>(how.failing).fill(true), ...Array<false>(how.good).fill(false)]
    await jobs.addBulk(fails.map((failing) => ({ name: 'order.place', data: { failing } })))
    const worker = new Worker<{ failing: boolean }>(
      queue,
      async ({ data }) => {
        if (data.failing) throw new UnrecoverableError('the shop is closed')
      },
      { connection, concurrency: 50 },
    )
    const [before, counts] = [
      counted,
      () => stack.client.metrics.timeseries({ query: { metric: 'success_rate', queue } }),
    ]
    await until(counts, ({ totals }) => (totals['ended'] ?? 0) >= before + fails.length)
    counted += fails.length
    await Promise.all([worker.close(), jobs.close()])
  }

  /** Looks now, beside the process that looks every fifteen seconds. */
  const look = async ({ stack: { env } }: Site): Promise<void> => {
    const kernel = createKernel({ settings: readSettings(env), role: 'worker' })
    const bull = createBull(kernel)
    await createChecker(kernel, { bull, services: createServices(kernel, { declared: new Map() }) }).check()
    await bull.close()
    await kernel.close()
  }

  /** From a chart to the rule that judges it, tested on the time that the chart shows. */
  const alertFromChart = async (page: Page): Promise<void> => {
    await page.goto('/analytics?t=15m')
    await page.getByRole('button', { name: 'More for Success', exact: true }).click()
    await page.getByRole('menuitem', { name: 'Alert on “Many jobs fail”…' }).waitFor()
    await page.getByRole('menuitem', { name: 'Alert on “Jobs fail”…' }).click()
    await page.waitForURL(/\/alerts\/rules\/failure_rate_high\?t=15m&hours=above$/)
    await page.getByText('Worst was shop with 100 % in the last 15 m. It fired once.').first().waitFor()
    await page.getByText('With these limits it would have fired once in the last 15 m.').waitFor()
    await page.getByLabel('For, seconds', { exact: true }).fill('86400')
    await page.getByText('With these limits it would not have fired in the last 15 m.').waitFor()
    expect(await page.getByRole('radio', { name: 'As above' }).isChecked()).toBe(true)
  }

  test('a failing queue fires, is acknowledged on the overview, and is resolved when its jobs succeed', async () => {
    for (const rule_id of ['failure_rate_high', 'failure_rate_critical', 'dead_letters_growing'] as const)
      await site.stack.client.alerts.editRule({
        params: { rule_id },
        body: { resolve_after_s: 0, enabled: rule_id === 'failure_rate_high' },
      })
    const [visit, other] = await Promise.all([site.visit(), site.visit({ width: 360, height: 780 })])
    await Promise.all([visit.open('/'), other.open('/alerts')])
    await other.page.getByText('No alert fires.').first().waitFor()

    await runJobs(site, 'shop', { failing: 30, good: 0 })
    await look(site)
    await other.page.getByText('1 alert fires.').waitFor()
    await other.page.getByRole('link', { name: '100.0 % of the jobs of shop fail' }).waitFor()
    await visit.page.getByText('100.0 % of the jobs of shop fail', { exact: true }).waitFor()
    await visit.page.getByRole('button', { name: 'Acknowledge: 100.0 % of the jobs of shop fail' }).click()
    await visit.page.getByText('One thing is looked after').waitFor()
    await other.page.getByText('Acknowledged by admin').waitFor()

    await runJobs(site, 'shop', { failing: 0, good: 900 })
    await look(site)
    await other.page.getByText('No alert fires.').first().waitFor()
    await visit.open('/alerts/rules/failure_rate_high')
    await visit.page.getByText('Worst was shop with 100 % in the last 6 h. It fired once.').first().waitFor()
    await alertFromChart(visit.page)
    expect([...visit.mishaps, ...other.mishaps]).toEqual([])
    await Promise.all([visit.close(), other.close()])
  })

  test('limits that two people edit at once keep what both typed', async () => {
    const visit = await site.visit()
    await visit.open('/alerts/rules/oldest_waiting')
    await visit.page.getByLabel('Fires above').fill('600')
    await site.stack.client.alerts.editRule({ params: { rule_id: 'oldest_waiting' }, body: { for_s: 120 } })
    await visit.page.getByText(/Someone changed this meanwhile: “For”/).waitFor()
    await visit.page.getByRole('button', { name: 'Save the rule' }).click()
    await visit.page.getByText('Above 10 min, for 2 min').waitFor()
    const rule = await site.stack.client.alerts.rule({ params: { rule_id: 'oldest_waiting' } })
    expect(rule).toMatchObject({ threshold: 600, for_s: 120 })
    await visit.close()
  })
})
