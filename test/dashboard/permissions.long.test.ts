// Who may only look: nothing can be changed from any page, each control says what it takes, the API refuses what is sent all the
// same, and what must not be seen reaches the browser in no way.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { routes } from '../../dashboard/routes.ts'
import { contract } from '../../shared/contract.ts'
import type { Endpoint } from '../../shared/kernel/endpoint.ts'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { pathsOf } from './paths.ts'
import { until } from '../support/stack.ts'

const SECRET = 'iban-DE89370400440532013000'
let site: Site
let paths: Record<string, string>
let key: string
let secretJob: string

beforeAll(async () => {
  site = await openSite()
  paths = pathsOf(await furnish(site.stack))
  const viewer = await site.stack.client.auth.createKey({
    body: { name: 'viewer', role: 'viewer', limits: { per_minute: 1_000_000, per_day: 1_000_000_000 } },
  })
  key = viewer.key
  const data = { to: SECRET, subject: SECRET, takes_ms: 5 }
  const { id } = await site.stack.client.jobs.create({ body: { name: 'demo.mail', id: 'secret', data } })
  const dying = { ...data, fails_until: 50, fails_as: 'permanent' }
  const { id: dead } = await site.stack.client.jobs.create({ body: { name: 'demo.mail', id: 'secret-dead', data: dying } }) // prettier-ignore
  await until(
    () => site.stack.client.dlq.list({ query: { q: dead } }),
    (page) => page.data.length > 0,
  )
  secretJob = id
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

test('a payload that may not be seen is in no page, no answer, no frame, no file and no clipboard', async () => {
  const visit = await site.visit({ key })
  const { page } = visit
  const seen: string[] = []
  let frames = 0
  const look = (where: string, text: string): void => {
    if (text.includes(SECRET)) seen.push(where)
  }
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      frames += 1
      look(`frame of ${socket.url()}`, String(payload))
    }),
  )
  page.on('response', (response) => void response.text().then((text) => look(response.url(), text), () => undefined)) // prettier-ignore
  await page.addInitScript(() => {
    const copied: string[] = []
    Object.assign(globalThis, { copied })
    Object.defineProperty(navigator, 'clipboard', {
      value: { writeText: async (text: string) => void copied.push(text) },
    })
  })
  const own = [
    `/jobs/${secretJob}`,
    `/jobs/${secretJob}?tab=payload`,
    `/jobs/${secretJob}?tab=events`,
    '/timeline?view=table',
    '/jobs?q=secret',
  ]
  for (const path of [...Object.values(paths), ...own]) {
    await visit.open(path)
    look(`DOM of ${path}`, await page.content())
    for (const button of await page.getByRole('button', { name: /^(Copy|Download)/ }).all()) {
      if (!(await button.isVisible())) continue
      await button.evaluate((one: HTMLElement) => one.click())
    }
    look(`clipboard of ${path}`, (await page.evaluate(() => (globalThis as unknown as { copied: string[] }).copied)).join()) // prettier-ignore
  }
  // A live page hears of the job again.
  await visit.open(`/jobs/${secretJob}`)
  await page.getByText(/^Live,/).waitFor()
  await site.stack.client.jobs.retry({ params: { task_id: secretJob } })
  await until(() => Promise.resolve(frames), (many) => many > 3) // prettier-ignore
  for (const download of ['/api/v2/jobs?format=csv', '/api/v2/dlq?format=csv', '/api/v2/dlq', '/api/v2/jobs'])
    look(download, await (await visit.context.request.get(download)).text())
  expect(seen).toEqual([])
  const mine = await site.stack.client.jobs.show({ params: { task_id: secretJob } })
  expect(JSON.stringify(mine)).toContain(SECRET)
  await visit.close()
})
