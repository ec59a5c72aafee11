// Breakers and services in the browser: seen live, steered by hand, edited beside others, and refused with a reason.
import { beforeAll, describe, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import type { Site } from './browser.ts'
import { theSite } from './one-site.ts'

let site: Site

describe('breakers', () => {
  beforeAll(async () => {
    site = theSite()
    await Promise.all(
      ['crm.example', 'geo.example'].map((name) => site.stack.client.services.create({ body: { name } })),
    )
  })

  test('a breaker that is forced open is seen at once on every screen, named on the overview, and let go again', async () => {
    const [visit, other] = await Promise.all([site.visit(), site.visit()])
    await Promise.all([visit.open('/'), other.open('/breakers/crm.example')])
    await other.page.getByText(/Closed: calls go through/).waitFor()
    await visit.page.keyboard.press('g')
    await visit.page.keyboard.press('b')
    const row = visit.page.getByRole('row').filter({ hasText: 'crm.example' })
    await row.getByRole('button', { name: 'Force open… crm.example' }).click()
    const dialog = visit.page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Force open', exact: true }).click()
    await dialog.getByText('Say why').waitFor()
    await dialog.getByLabel('Reason').fill('They move house')
    await dialog.getByRole('button', { name: 'Force open', exact: true }).click()
    await row.getByText('by admin, ends in 59 min').waitFor()
    await other.page.getByText(/Forced open since .* by admin: They move house\. It ends in 59 min/).waitFor()

    await visit.page.getByRole('link', { name: 'Overview', exact: true }).click()
    await visit.page.getByRole('link', { name: 'Open breaker: The breaker of crm.example is forced open' }).click()
    await visit.page.getByRole('button', { name: 'Back to automatic' }).click()
    await other.page.getByText(/Half-open since .*: 0 of 3 probes passed/).waitFor()
    await visit.page.getByRole('button', { name: 'Reset…' }).click()
    await visit.page.getByRole('dialog').getByRole('button', { name: 'Reset', exact: true }).click()
    await other.page.getByText(/Closed since .*, as somebody reset it/).waitFor()
    await other.page.getByText('Kept calls back once').first().waitFor()
    expect([...visit.mishaps, ...other.mishaps]).toEqual([])
    await Promise.all([visit.close(), other.close()])
  })

  test('the menu of a row is worked with the keyboard, and gives the focus back', async () => {
    const visit = await site.visit()
    await visit.open('/breakers')
    const more = visit.page.getByRole('button', { name: 'More for geo.example' })
    await more.focus()
    await visit.page.keyboard.press('Enter')
    await visit.page.getByRole('menuitem', { name: 'Force closed…' }).waitFor()
    await visit.page.keyboard.press('ArrowDown')
    await visit.page.keyboard.press('Escape')
    await visit.page.getByRole('menuitem').first().waitFor({ state: 'hidden' })
    expect(await more.evaluate((button) => button === document.activeElement)).toBe(true)
    await visit.close()
  })

  test('limits that two people edit at once keep what both typed', async () => {
    const visit = await site.visit()
    await visit.open('/breakers/geo.example')
    await visit.page.getByLabel('Opens when so many fail').fill('35')
    await visit.page.getByRole('heading', { name: 'With yours' }).waitFor()
    const params = { service: 'geo.example' }
    await site.stack.client.breakers.configure({ params, body: { half_open_max: 7 } })
    await visit.page.getByText(/Someone changed this meanwhile: probes\. Your edit is kept/).waitFor()
    expect(await visit.page.getByLabel('Opens when so many fail').inputValue()).toBe('35')
    expect(await visit.page.getByLabel('Probes').inputValue()).toBe('7')
    await visit.page.getByRole('button', { name: 'Save the limits' }).click()
    await visit.page.getByText('Saved the limits of geo.example.').waitFor()
    const { config } = await site.stack.client.breakers.show({ params })
    expect(config).toMatchObject({ failure_rate_threshold: 0.35, half_open_max: 7 })
    await visit.close()
  })

  test('a save that lost the race is refused, told, and can be done again', async () => {
    const visit = await site.visit()
    await visit.open('/services/geo.example')
    await visit.page.getByText(/^Live,/).waitFor()
    const params = { service: 'geo.example' }
    await visit.page.getByLabel('Budget', { exact: true }).fill('600/min')
    // Ours reaches the server after theirs, and before theirs is known here.
    let theirs: unknown
    await visit.page.route('**/services/geo.example', async (route) => {
      if (route.request().method() === 'PATCH')
        theirs ??= await site.stack.client.services.edit({ params, body: { concurrency: { max: 9 } } })
      return route.continue()
    })
    await visit.page.getByRole('button', { name: 'Save', exact: true }).click()
    await visit.page.getByText(/Saving the service did not work/).waitFor()
    await visit.page.getByText(/Someone changed this meanwhile: calls at once/).waitFor()
    await visit.page.getByRole('button', { name: 'Save', exact: true }).click()
    await visit.page.getByText('Saved geo.example.').waitFor()
    expect(await site.stack.client.services.show({ params })).toMatchObject({
      budget: { limit: 600, per_ms: 60_000 },
      concurrency: { max: 9 },
    })
    await visit.close()
  })

  test('a service is made, and deleted after it was asked', async () => {
    const visit = await site.visit()
    await visit.open('/services')
    await visit.page.getByRole('button', { name: 'New service…' }).click()
    const dialog = visit.page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('new.example')
    await dialog.getByLabel('Budget').fill('300/30s')
    await dialog.getByText('300 calls in any 30 s.').waitFor()
    await dialog.getByRole('button', { name: 'Make the service' }).click()
    await visit.page.getByRole('heading', { level: 1, name: 'Service new.example' }).waitFor()
    await visit.page.getByRole('button', { name: 'Delete…' }).click()
    await visit.page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await visit.page.getByRole('heading', { level: 1, name: 'Services' }).waitFor()
    await until(
      () => site.stack.client.services.list(),
      ({ data }) => data.every(({ name }) => name !== 'new.example'),
    )
    await visit.close()
  })

  test('who may only look is told what it takes to act', async () => {
    const { key } = await site.stack.client.auth.createKey({ body: { name: 'viewer', role: 'viewer' } })
    const visit = await site.visit({ key })
    await visit.open('/breakers/geo.example')
    const force = visit.page.getByRole('button', { name: 'Force open…' })
    expect(await force.getAttribute('aria-disabled')).toBe('true')
    expect(await force.getAttribute('title')).toBe('Needs breakers:admin')
    await visit.page.getByLabel('Opens when so many fail').fill('10')
    await visit.page.getByRole('heading', { name: 'With yours' }).waitFor()
    expect(await visit.page.getByRole('button', { name: 'Save the limits' }).getAttribute('title')).toBe(
      'Needs breakers:admin',
    )
    await visit.close()
  })
})
