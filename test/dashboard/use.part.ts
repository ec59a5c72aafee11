// The dashboard used as people use it: signing in, watching, finding, resubmitting; live, offline and back.
import { readFileSync } from 'node:fs'
import { Queue } from 'bullmq'
import type { Job } from 'bullmq'
import type { Route } from 'playwright-core'
import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import type { furnish, Site } from './browser.ts'
import { furnished, theSite } from './one-site.ts'

let site: Site
let hostile: Job
let jobs: Awaited<ReturnType<typeof furnish>>

const attack = '<img src=x onerror="window.__pwned=1"><script>window.__pwned=1</script>'
/** Begun before all else, as it takes some seconds until a queue of others is found. */
const addHostile = async (): Promise<Job> => {
  const queue = new Queue('hostile', { connection: { url: site.stack.redis.url } })
  const job = await queue.add(attack, { text: attack, 'javascript:alert(1)': attack })
  await queue.close()
  return job
}

describe('use', () => {
  beforeAll(async () => {
    site = theSite()
    hostile = await addHostile()
    jobs = await furnished()
  })

  const mail = { to: 'ada@example.org', subject: 'Hello', takes_ms: 10 }

  test('the runs of the timeline are asked for before it is known who looks, and only once', async () => {
    const visit = await site.visit()
    const { page } = visit
    const asked: string[] = []
    const first = Promise.withResolvers<string>()
    page.on('request', (request) => {
      if (!request.url().includes('/timeline/spans')) return
      asked.push(request.url())
      first.resolve(request.url())
    })
    await page.route('**/auth/session', (route) => first.promise.then(() => route.continue()))
    await page.goto('/timeline')
    await page.waitForFunction(
      () => (document.querySelector<HTMLCanvasElement & { drawnRuns?: number }>('canvas')?.drawnRuns ?? 0) > 0,
    )
    expect(asked).toHaveLength(1)
    await visit.close()
  })

  test('runs that were refused to nobody are asked for again by who signs in, and no refusal is shown', async () => {
    const visit = await site.visit({ signedIn: false })
    const { page } = visit
    await page.addInitScript(() => {
      const told: string[] = []
      Object.assign(window, { told })
      new MutationObserver(() => {
        const alert = document.querySelector('main [role=alert]')?.textContent
        if (alert) told.push(alert)
      }).observe(document, { childList: true, subtree: true })
    })
    const refused = page.waitForResponse((reply) => reply.url().includes('/timeline/spans') && reply.status() === 401)
    await page.route('**/auth/session', (route) => refused.then(() => route.continue()))
    await page.goto('/timeline')
    await refused
    await page.getByLabel(/key/i).fill(site.stack.key)
    await page.keyboard.press('Enter')
    await page.waitForFunction(
      () => (document.querySelector<HTMLCanvasElement & { drawnRuns?: number }>('canvas')?.drawnRuns ?? 0) > 0,
    )
    expect(await page.evaluate(() => (window as unknown as { told: string[] }).told)).toEqual([])
    await visit.close()
  })

  test('signing in with a key opens the overview; a wrong key is told so', async () => {
    const visit = await site.visit({ signedIn: false })
    await visit.page.goto('/')
    await visit.page.getByLabel(/key/i).fill('k1n_sk_wrong')
    await visit.page.keyboard.press('Enter')
    await visit.page.getByRole('alert').waitFor()
    await visit.page.getByLabel(/key/i).fill(site.stack.key)
    await visit.page.keyboard.press('Enter')
    await visit.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await visit.close()
  })

  test('a job that is enqueued appears and completes on the screen without a reload', async () => {
    const visit = await site.visit()
    await visit.open('/jobs')
    await visit.page
      .getByText(/^Live,/)
      .first()
      .waitFor()
    const { id } = await site.stack.client.jobs.create({ body: { name: 'demo.mail', id: 'seen-live', data: mail } })
    const detail = await site.visit()
    await detail.open(`/jobs/${id}`)
    await detail.page
      .getByText(/Completed|Done/)
      .first()
      .waitFor()
    expect(detail.mishaps).toEqual([])
    await visit.close()
    await detail.close()
  })

  test('a dead letter is found and resubmitted, and the page says so', async () => {
    const visit = await site.visit()
    await visit.open(`/dlq/${encodeURIComponent(jobs.dlqId)}`)
    await visit.page
      .getByRole('button', { name: /resubmit/i })
      .first()
      .click()
    const confirm = visit.page.getByRole('dialog').getByRole('button', { name: 'Resubmit', exact: true })
    await confirm.click()
    await visit.page
      .getByText(/resubmitted/i)
      .first()
      .waitFor()
    const [id] = jobs.dlqId.split('~')
    await until(
      () => site.stack.client.retries.show({ params: { task_id: id ?? '' } }),
      ({ history }) => history.length >= 2,
    )
    await visit.close()
  })

  test('a page whose connection is cut says so, and is right again when it is back', async () => {
    const visit = await site.visit()
    await visit.open('/')
    await visit.page
      .getByText(/^Live,/)
      .first()
      .waitFor()
    await visit.context.setOffline(true)
    await visit.page
      .getByText(/Offline|Reconnecting/)
      .first()
      .waitFor()
    await visit.context.setOffline(false)
    await visit.page
      .getByText(/^Live,/)
      .first()
      .waitFor()
    await visit.close()
  })

  test('names and errors that hold markup are shown as text and nothing runs', async () => {
    await until(
      () => site.stack.client.jobs.list({ query: { queue: ['hostile'] } }),
      ({ data }) => data.length === 1,
    )
    const visit = await site.visit()
    await visit.open('/jobs?q=queue:hostile')
    await visit.page.getByText('<img src=x').first().waitFor()
    await visit.open(`/jobs/hostile:${hostile.id ?? ''}`)
    expect(await visit.page.evaluate(() => (globalThis as unknown as { __pwned?: number }).__pwned)).toBeUndefined()
    expect(visit.mishaps).toEqual([])
    await visit.close()
  })

  test('a job that does not run says why, when it will, and what else is in the way; the short link leads there', async () => {
    const { id } = await site.stack.client.jobs.create({
      body: { name: 'demo.encode', data: { recording: 'r' }, options: { delay_ms: 3_600_000 } },
    })
    const visit = await site.visit()
    await visit.open(`/why/${id}`)
    expect(new URL(visit.page.url()).pathname).toBe(`/jobs/${encodeURIComponent(id)}`)
    const why = visit.page.getByRole('region', { name: 'Why' })
    await why.getByText(/it runs in (59 min|1 h)\./).waitFor()
    await site.stack.client.queues.pause({ params: { queue: 'media' }, body: { reason: 'a test' } })
    // It is looked for again and again: nothing is told of the job itself.
    await why.getByText(/The queue media is paused by admin since .*: a test\./).waitFor()
    await why.getByText(/at the earliest/).waitFor()
    await site.stack.client.queues.resume({ params: { queue: 'media' } })
    await site.stack.client.jobs.promote({ params: { task_id: id } })
    await why.getByText(/Completed at attempt 1/).waitFor()
    expect(visit.mishaps).toEqual([])
    await visit.close()
  })

  test('an unknown address and an unknown job say so and keep the way back', async () => {
    const visit = await site.visit()
    await visit.page.goto('/no/such/page')
    await visit.page.getByRole('heading', { level: 1, name: 'Not found' }).waitFor()
    await visit.page.getByText('There is no page at this address.').waitFor()
    await visit.page.goto('/jobs/mail:t_nobody')
    await visit.page
      .getByText(/is not here|no such/i)
      .first()
      .waitFor()
    expect(await visit.page.getByRole('navigation').first().isVisible()).toBe(true)
    await visit.close()
  })

  test('who goes on before a page has come is where they went, also once it comes', async () => {
    const visit = await site.visit()
    const { page } = visit
    await visit.open('/jobs')
    const asked = Promise.withResolvers<Route>()
    await page.route(/\/assets\/.*\.js$/, (route) => asked.resolve(route), { times: 1 })
    const links = page.getByRole('navigation').first()
    await links.getByRole('link', { name: /^Workers/ }).click()
    const late = await asked.promise
    await links.getByRole('link', { name: /^Jobs/ }).click()
    await late.continue()
    await page.waitForFunction((url) => performance.getEntriesByName(url).length > 0, late.request().url())
    await page.evaluate(async () => {
      for (let frame = 0; frame < 10; frame++) await new Promise(requestAnimationFrame)
    })
    expect(new URL(page.url()).pathname).toBe('/jobs')
    await page.getByRole('heading', { level: 1, name: 'Jobs', exact: true }).waitFor()
    expect(await page.title()).toBe('Jobs · k1n')
    await visit.close()
  })

  test('with the keyboard alone one gets from the overview to the timeline and to a run of it', async () => {
    const visit = await site.visit()
    await visit.open('/')
    await visit.page.keyboard.press('g')
    await visit.page.keyboard.press('t')
    await visit.page.getByRole('heading', { level: 1, name: 'Timeline' }).waitFor()
    const cell = visit.page.getByRole('gridcell').first()
    await cell.waitFor()
    await cell.focus()
    await visit.page.keyboard.press('ArrowLeft')
    await visit.page.keyboard.press('ArrowDown')
    await visit.page.waitForFunction(() => /\brun/.test(document.activeElement?.getAttribute('aria-label') ?? ''))
    await visit.close()
  })

  test('with reduced motion nothing on the page is animated', async () => {
    const visit = await site.visit({ reducedMotion: 'reduce' })
    await visit.open('/timeline')
    expect(await visit.page.evaluate(() => document.getAnimations().length)).toBe(0)
    await visit.close()
  })

  test('a chart is read by key, has a table and a file that say the same, and opens what is in a bucket', async () => {
    const visit = await site.visit()
    const { page } = visit
    const fetched: string[] = []
    page.on('request', (request) => fetched.push(request.url()))
    await visit.open('/')
    await page.getByText(/^Live,/).waitFor()
    expect(fetched.filter((url) => url.includes('/engine-'))).toEqual([])
    await page.keyboard.press('g')
    await page.keyboard.press('a')
    await page.getByText(/^\d+ dead letters? came in the last 15 m/).waitFor()
    await page.locator('[data-chart="dead-letters"] canvas').first().waitFor()
    expect(fetched.some((url) => url.includes('/engine-'))).toBe(true)

    const slider = page.getByRole('slider', { name: 'Buckets of Dead letters' })
    await slider.focus()
    const spoken = async () => (await slider.getAttribute('aria-valuetext')) ?? ''
    for (let back = 0; back < 180 && !/refused|refuses|demo/.test(await spoken()); back++)
      await page.keyboard.press('ArrowLeft')
    expect(await spoken()).toMatch(/^[\d:]{5,8}–[\d:]{5,8}( so far)?: .*\d, .*Open \(right\) \d/)

    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Table of Dead letters' }).click()
    const first = page.getByRole('table', { name: 'Dead letters' }).getByRole('row').filter({ has: page.getByRole('link') }).first() // prettier-ignore
    const [, ...listed] = await first.getByRole('cell').allInnerTexts()
    expect(new URL(page.url()).search).toBe('?table=dead-letters')
    await page.getByRole('button', { name: 'More for Dead letters' }).click()
    const coming = page.waitForEvent('download')
    await page.getByRole('menuitem', { name: 'Download CSV' }).click()
    const file = readFileSync(await (await coming).path(), 'utf8').split('\r\n')
    expect(file[0]).toMatch(/^from,.*,Resubmitted or discarded,Open \(right\)$/)
    expect(file.some((line) => line.endsWith(`Z,${listed.join(',')}`))).toBe(true)

    await page.goBack()
    await slider.waitFor({ state: 'attached' })
    await page.goForward()
    await first.getByRole('link').click()
    await page.getByRole('heading', { level: 1, name: 'All dead letters' }).waitFor()
    expect(new URL(page.url()).searchParams.get('q')).toMatch(/^since:\S+:\d\d\.000Z until:\S+:\d\d\.000Z$/)
    await page.getByRole('table', { name: /^Dead letters/ }).waitFor()
    expect(visit.mishaps).toEqual([])
    await visit.close()
  })

  test('charts of a time without anything say so; who may not see breakers is told that, and no words of errors', async () => {
    const scopes = ['metrics:read', 'stream:read', 'jobs:read', 'queues:read'] as const
    const { key } = await site.stack.client.auth.createKey({ body: { name: 'figures', scopes: [...scopes] } })
    const visit = await site.visit({ key })
    await visit.open('/analytics')
    await visit.page.getByText('Breakers are not shown: needs recovery:read.').waitFor()
    await visit.page.getByText(/^\d+ dead letters? came/).waitFor()
    await visit.page.getByRole('button', { name: 'More for Dead letters', exact: true }).click()
    const alert = visit.page.getByRole('menuitem', { name: 'Alert on this… Needs alerts:read' })
    expect(await alert.getAttribute('aria-disabled')).toBe('true')
    await visit.page.keyboard.press('Escape')
    const { data } = await site.stack.client.triage.list()
    expect(await visit.page.locator('main').innerText()).not.toContain(data[0]?.title ?? '')
    await visit.page.getByRole('radio', { name: '7 d' }).check()
    await visit.page.getByText(/^\d+ dead letters? came in the last 7 d,/).waitFor()
    expect(new URL(visit.page.url()).searchParams.get('back')).toBe('7d')
    const hours = (back: number) => new Date(Date.now() - back * 3_600_000).toISOString()
    await visit.open(`/analytics?from=${hours(3)}&to=${hours(2)}`)
    await visit.page.getByText(/^No attempt failed from .*\d\d:\d\d to .*\d\d:\d\d\./).waitFor()
    expect(visit.mishaps).toEqual([])
    await visit.close()
  })
})
