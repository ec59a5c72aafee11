// Who may only look: nothing can be changed from any page, each control says what it takes, the API refuses what is sent all the
// same, and what must not be seen reaches the browser in no way.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../dashboard/routes.ts'
import { SCOPES } from '../../shared/auth/scope-words.ts'
import { contract } from '../../shared/contract.ts'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { openHearing, WAYS } from './hearing.ts'
import { pathsOf } from './paths.ts'
import { openTaking } from './taking.ts'
import type { Taken } from './taking.ts'

const SECRET = 'iban-DE89370400440532013000'
const limits = { per_minute: 1_000_000, per_day: 1_000_000_000 }
/** The id of all that holds it, which everybody may see: where this is found, the secret would have been. */
const KNOWN = 'sealed'
let site: Site
let paths: Record<string, string>
let key: string
let sealed: Awaited<ReturnType<typeof seal>>

beforeAll(async () => {
  // Nothing listens on port 1: what is delivered there stays to be seen.
  site = await openSite({ K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' })
  paths = pathsOf(await furnish(site.stack))
  const viewer = await site.stack.client.auth.createKey({ body: { name: 'viewer', role: 'viewer', limits } })
  key = viewer.key
  sealed = await seal(site.stack.client)
})
afterAll(() => site.close())

const rows = Object.values(contract).flatMap((room) => Object.values<Endpoint>(room as Record<string, Endpoint>))
const isRead = ({ method, changes }: Endpoint): boolean => method === 'GET' || changes === 'nothing'

/** The row that a request belongs to. */
const rowOf = (method: string, url: string): Endpoint | undefined => {
  const path = new URL(url).pathname.replace(/^\/api\/v\d+/, '')
  const fits = (pattern: string): boolean =>
    new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll(/:\w+/g, '[^/]+')}$`).test(path)
  return rows.find((row) => row.method === method && [row.path, ...(row.aliases ?? [])].some(fits))
}

/** Notes requests that would change something. */
const changesOf = (page: Page): string[] => {
  const changing: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'GET' || !new URL(request.url()).pathname.startsWith('/api/')) return
    const row = rowOf(request.method(), request.url())
    const isDry = /"dry_run":true/.test(request.postData() ?? '')
    if (!isDry && (row === undefined || !isRead(row))) changing.push(`${request.method()} ${request.url()}`)
  })
  return changing
}

interface Control {
  name: string
  why: string
}

/** Buttons that cannot be used, with what is said about them. */
const refused = (page: Page): Promise<Control[]> =>
  page
    .locator('button[aria-disabled=true]:not([aria-busy=true]), :is(button, input, select, textarea):disabled')
    .evaluateAll((all) =>
      all.map((one) => ({
        name: one.getAttribute('aria-label') ?? one.textContent,
        why: `${one.querySelector('.reason')?.textContent ?? ''} ${(one.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent ?? '').join(' ')}`.trim(), // prettier-ignore
      })),
    )

/** Presses whatever can be pressed: first on the page, then in what opened. */
const pressAll = async (page: Page, within: string): Promise<number> => {
  const open = `${within} :is(button:not([aria-disabled=true]), [role=menuitem]:not([aria-disabled=true])):visible`
  const many = await page.locator(open).count()
  for (let n = 0; n < many; n++) {
    // All at once: what is live may go away between the look and the press.
    await page.locator(open).evaluateAll((all, place) => (all[place] as HTMLElement | undefined)?.click(), n)
    for (const overlay of ['dialog[open]', '[role=menu]'])
      if (within === 'main' && (await page.locator(`${overlay}:visible`).count()) > 0) {
        await pressAll(page, overlay)
        await page.keyboard.press('Escape')
      }
  }
  return many
}

describe('with a key that may only read', () => {
  let visit: Visit
  let changing: string[]
  let lacking = 0
  beforeAll(async () => {
    visit = await site.visit({ key })
    changing = changesOf(visit.page)
  })
  afterAll(async () => {
    await visit.close()
  })

  test.each(Object.keys(routes))('nothing can be changed from %s, and what cannot says why', async (name) => {
    const { page } = visit
    await visit.open(paths[name] ?? '/')
    const controls = await refused(page)
    if (name !== 'gallery') expect.soft(controls.filter(({ why }) => why === '')).toEqual([])
    lacking += controls.filter(({ why }) => /Needs \w+:\w+/.test(why)).length
    await pressAll(page, 'main')
    expect(changing.splice(0)).toEqual([])
  })

  test('there was something to refuse', () => {
    expect(lacking).toBeGreaterThan(30)
  })

  test('what is sent all the same is refused, whatever it is', async () => {
    const { page } = visit
    await visit.open('/')
    const { scopes } = await page.evaluate(async () => (await (await fetch('/auth/session')).json()) as { scopes: string[] }) // prettier-ignore
    const lacks = rows.filter(
      ({ scopes: needed, method, at }) =>
        method !== 'GET' &&
        at !== 'root' &&
        Array.isArray(needed) &&
        needed.some((each) => !scopes.includes(each as string)),
    )
    const answers = await page.evaluate(
      async (all) => {
        const { csrf_token: csrf } = (await (await fetch('/auth/session')).json()) as { csrf_token: string }
        const send = async ({ method, path }: { method: string; path: string }) => {
          const headers = { 'content-type': 'application/json', 'x-csrf-token': csrf }
          const answer = await fetch(`/api/v2${path.replaceAll(/:\w+/g, 'x')}`, { method, headers, body: '{}' })
          return `${answer.status} ${method} ${path}`
        }
        const told: string[] = []
        for (const one of all) told.push(await send(one))
        return told
      },
      lacks.map(({ method, path }) => ({ method, path })),
    )
    expect(answers.length).toBeGreaterThan(50)
    expect(answers.filter((line) => !line.startsWith('403'))).toEqual([])
  })
})

/** Puts the secret wherever a payload can stand: into jobs, one of them dead, a schedule that was changed, an operation, and the body
 *  of a delivery. */
const seal = async (client: Stack['client']) => {
  const data = { to: SECRET, subject: SECRET, takes_ms: 5 }
  // Other jobs may still go on.
  const filter = [{ path: 'task_id', op: 'eq' as const, value: `mail:t_${KNOWN}` }]
  const { id: webhook } = await client.webhooks.create({
    body: { url: 'http://127.0.0.1:1/sealed', event_types: ['job.completed'], filter, include_data: true },
  })
  const add = async (id: string, more = {}) =>
    (await client.jobs.create({ body: { name: 'demo.mail', id, data: { ...data, ...more } } })).id
  const dies = { fails_until: 50, fails_as: 'permanent' }
  const [job, dead, dying] = await Promise.all([add(KNOWN), add(`${KNOWN}-dead`, dies), add(`${KNOWN}-dying`, dies)])
  const { data: letters } = await until(
    () => client.dlq.list({ query: { q: KNOWN } }),
    (page) => page.data.length > 1,
  )
  const { id: letter = '', group = '' } = letters.find(({ task_id }) => task_id === dead) ?? {}
  const trigger = { type: 'interval', every_ms: 3_600_000 } as const
  await client.schedules.create({ body: { id: KNOWN, name: 'Sealed', job_name: 'demo.mail', data, trigger } })
  const patch = { data: { ...data, subject: 'changed' } }
  await client.schedules.edit({ params: { schedule_id: KNOWN }, body: patch })
  const operation = await client.dlq.resubmitMany({
    body: { filter: { q: dying }, delay_ms: 3_600_000, ladder: { wait_ms: 3_600_000 }, data_patch: { subject: SECRET } }, // prettier-ignore
  })
  const { data: deliveries } = await until(
    () => client.deliveries.list({ params: { webhook_id: webhook } }),
    (page) => page.data.some(({ attempt }) => attempt > 0),
  )
  const pages = {
    job: `/jobs/${job}`,
    payload: `/jobs/${job}?tab=payload`,
    deadLetter: `/dlq/entries/${encodeURIComponent(letter)}`,
    schedule: `/schedules/${KNOWN}`,
    scheduleEdit: `/schedules/${KNOWN}/edit`,
    delivery: `/webhooks/${webhook}/deliveries/${deliveries[0]?.id ?? ''}`,
    operation: `/operations/${'id' in operation ? operation.id : ''}`,
    cause: `/dlq/${group ?? ''}`,
    ...Object.fromEntries(['attempts', 'logs', 'flow', 'events'].map((tab) => [tab, `/jobs/${dead}?tab=${tab}`])),
    jobs: `/jobs?q=${KNOWN}`,
    letters: `/dlq/entries?q=${KNOWN}`,
    runs: '/timeline?view=table',
    run: `/timeline?sel=${encodeURIComponent(`${job}#1`)}`,
    audit: '/audit',
  }
  return { job, pages }
}

const isOfApi = (url: string): boolean => url.includes('/api/')

interface Look {
  /** Where a text is found, and in what: `copy by Copy as curl of /jobs/mail:t_sealed`. */
  found(text: string): string[]
  taken: readonly (Taken & { path: string })[]
  /** How many answers of the API were read, and which could not be. */
  answers: number
  unread: readonly string[]
}

/** Reads every answer whole, and says how to wait for those that are being read. One that the page calls off it does not get, and a
 *  stream has no end: what that tells is heard by itself. */
const readAnswers = (page: Page, keep: (where: string, text: string) => void, unread: string[]) => {
  const reading: Promise<void>[] = []
  page.on('requestfinished', (request) => {
    const text = request.response().then((response) => response?.text() ?? '')
    const read = text.then((all) => keep(`answer of ${request.url()}`, all))
    reading.push(read.catch(() => void (isOfApi(request.url()) && unread.push(request.url()))))
  })
  return async () => {
    while (reading.length > 0) await Promise.all(reading.splice(0))
  }
}

/** Goes through pages as whoever has this key, takes all that they give away, and keeps that with all that reaches the browser. */
const lookThrough = async (as: string, all: readonly string[]): Promise<Look> => {
  const visit = await site.visit({ key: as })
  const { page } = visit
  const kept: { where: string; text: string }[] = []
  const keep = (where: string, text: string): void => void kept.push({ where, text })
  const taken: (Taken & { path: string })[] = []
  const unread: string[] = []
  const answersRead = readAnswers(page, keep, unread)
  const told = await openHearing(page, 'ws')
  const take = await openTaking(page)
  const fields = page.locator('input, textarea')
  for (const path of all) {
    await visit.open(path)
    taken.push(...(await take()).map((one) => ({ ...one, path })))
    const typed = await fields.evaluateAll((each) => each.map((one) => (one as HTMLInputElement).value))
    keep(`page ${path}`, [await page.content(), ...typed].join('\n'))
    // The next page takes away what was not read of this one.
    await answersRead()
  }
  await visit.close()
  for (const { kind, by, path, text } of taken) keep(`${kind} by ${by} of ${path}`, text)
  keep('frame of the WebSocket', told())
  return {
    found: (wanted) => kept.filter(({ text }) => text.includes(wanted)).map(({ where }) => where),
    taken,
    answers: kept.filter(({ where }) => where.startsWith('answer') && isOfApi(where)).length,
    unread,
  }
}
/** In what a text was found. */
const kindsOf = (found: readonly string[]): string[] =>
  [...new Set(found.map((place) => place.split(' ', 1)[0] ?? ''))].toSorted()

/** Holds that a look was one: nothing is proved by what was never taken. */
const expectTaken = ({ taken, answers, unread }: Look, all: readonly string[]): void => {
  const files = taken.filter(({ kind }) => kind === 'file')
  const copies = taken.filter(({ kind, by }) => kind === 'copy' && !by.startsWith('key '))
  const chosen = taken.filter(({ by }) => by.includes(' › '))
  const keys = taken.filter(({ by }) => by.startsWith('key '))
  const pagesOf = (some: Look['taken']): string[] => [...new Set(some.map(({ path }) => path))]
  const { pages } = sealed
  console.log(`${files.length} files, ${copies.length} copies and ${keys.length} by keys, ${chosen.length} of these from menus; ${answers} answers, not ${unread.join()}`) // prettier-ignore
  expect(pagesOf(files)).toEqual(expect.arrayContaining(['/analytics', pages.audit, pages.runs]))
  expect(files.length).toBeGreaterThanOrEqual(12)
  const copied = ['/changes', paths['event'], paths['eventSource'], paths['gallery'], pages.job, pages.payload, pages.deadLetter, pages.cause, pages.run] // prettier-ignore
  expect(pagesOf(copies)).toEqual(expect.arrayContaining(['/analytics', ...copied]))
  expect(copies.length).toBeGreaterThanOrEqual(50)
  expect(chosen.length).toBeGreaterThanOrEqual(24)
  expect(keys).toHaveLength(2 * all.length)
  expect(answers).toBeGreaterThanOrEqual(200)
  // What comes in the very moment in which a page is left is gone with it.
  expect(unread.length).toBeLessThan(answers / 100)
}

test('a payload that may not be seen is in no page, no answer, no frame, no file and no clipboard', async () => {
  // Who may read everything but payloads: more pages have something to copy and to save than for a viewer.
  const scopes = SCOPES.filter((scope) => scope.endsWith(':read'))
  const reader = await site.stack.client.auth.createKey({ body: { name: 'reader', scopes, limits } })
  const all = [...new Set([...Object.values(paths), ...Object.values(sealed.pages)])]
  const look = await lookThrough(reader.key, all)
  expectTaken(look, all)
  expect(look.found(SECRET)).toEqual([])
  expect(kindsOf(look.found(KNOWN))).toEqual(['answer', 'copy', 'file', 'frame', 'page'])
}, 180_000)

test('the same look finds it where it may be seen', async () => {
  const look = await lookThrough(site.stack.key, Object.values(sealed.pages))
  const found = look.found(SECRET)
  // No file has a payload, whoever saves it.
  expect(kindsOf(found)).toEqual(['answer', 'copy', 'frame', 'page'])
  const { job, payload, deadLetter, schedule, scheduleEdit, delivery, operation } = sealed.pages
  for (const path of [job, payload, deadLetter, schedule, scheduleEdit, delivery, operation])
    expect.soft(found).toContain(`page ${path}`)
  for (const path of [job, payload]) expect.soft(found).toContain(`copy by Copy as curl of ${path}`)
  for (const path of [job, payload]) expect.soft(found).toContain(`copy by Copy as code of ${path}`)
  for (const path of [payload, deadLetter, schedule, delivery])
    expect.soft(found).toContain(`copy by Copy value of ${path}`)
})

test.each(WAYS)('over %s a page is told of a job, and of its payload where that may be seen', async (way) => {
  const { client, key: admin } = site.stack
  const listen = async (as: string, path: string) => {
    const visit = await site.visit({ key: as })
    const told = await openHearing(visit.page, way)
    await visit.open(path)
    const status = visit.page.locator('header .status')
    await status.filter({ hasText: way === 'poll' ? /^Polling/ : /^Live/ }).waitFor()
    return { visit, told }
  }
  const opened = [key, admin].flatMap((as) => [listen(as, sealed.pages.job), listen(as, '/jobs')])
  const listening = await Promise.all(opened)
  const before = listening.map(({ told }) => told().length)
  const news = (): string[] => listening.map(({ told }, n) => told().slice(before[n]))
  /** A page that has just begun to listen may miss what happens first, so it happens again. */
  const again = async (): Promise<string[]> => {
    const { state } = await client.jobs.show({ params: { task_id: sealed.job } })
    if (state === 'completed') await client.jobs.retry({ params: { task_id: sealed.job } })
    return news()
  }
  await until(again, (all) => all.every((text) => text.includes(sealed.job) && text.includes('completed')), 500)
  const [ofJob, ofJobs, ofJobToAdmin] = listening.map(({ told }) => told())
  console.log(
    `${way}: ${news()
      .map((text) => text.length)
      .join(', ')} characters of news`,
  )
  expect(ofJob).not.toContain(SECRET)
  expect(ofJob).toContain('"data":{"redacted":true}')
  expect(ofJobs).not.toContain(SECRET)
  expect(ofJobToAdmin).toContain(SECRET)
  await Promise.all(listening.map(({ visit }) => visit.close()))
})
