// Events in, as people connect them: a source is made, what it sends is seen live, and what it refuses says why.
import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Site } from './browser.ts'
import { theSite } from './one-site.ts'

let site: Site
describe('events', () => {
  beforeAll(async () => {
    site = theSite()
  })

  const SECRET = 'as GitHub was told'
  const body = JSON.stringify({ ref: 'refs/heads/main' })

  /** A push as GitHub sends it; answers the status. */
  const push = async (address: string, delivery: string, secret = SECRET): Promise<number> => {
    const signature = createHmac('sha256', secret).update(body).digest('hex')
    const headers = {
      'content-type': 'application/json',
      'x-github-event': 'push',
      'x-github-delivery': delivery,
      'x-hub-signature-256': `sha256=${signature}`,
    }
    return (await fetch(address, { method: 'POST', body, headers })).status
  }

  test('a source is made, what comes through it is seen live, and a wrong signature is told as what it is', async () => {
    const [visit, other] = await Promise.all([site.visit(), site.visit()])
    const { page } = visit
    await other.open('/events')
    await other.page.getByText('Nothing came from outside yet.').waitFor()
    await visit.open('/')
    await page.keyboard.press('g')
    await page.keyboard.press('e')
    await page.getByRole('navigation', { name: 'Ways to see events' }).getByRole('link', { name: 'Sources' }).click()
    await page.getByRole('link', { name: 'New source' }).click()
    await page.getByRole('button', { name: 'Make the source' }).click()
    await page.getByText('Give it a name.').waitFor()
    await page.locator('[aria-invalid=true]:focus').waitFor()
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Our repository')
    await page.getByRole('textbox', { name: 'Secret' }).fill(SECRET)
    await page.keyboard.press('Enter')
    const address = await page.getByText(/\/hooks\/src_/).innerText()
    await page.getByRole('link', { name: 'Open the source' }).click()
    await page.getByText('Nothing came through it yet.').waitFor()

    expect(await push(address, 'one')).toBe(202)
    await page.getByText(/The last delivery came/).waitFor()
    await other.page.getByRole('link', { name: 'github.push' }).waitFor()
    expect(await push(address, 'two', 'another secret')).toBe(401)
    await page.getByText(/Refusing: what came .* was refused because it was signed with another secret/).waitFor()

    const row = other.page.getByRole('row').filter({ hasText: 'github.push' })
    expect(await row.innerText()).toMatch(/Our repository[\s\S]*nothing/)
    await row.getByRole('link').click()
    await other.page.getByText('No schedule started a job for it.').waitFor()
    await other.page.getByText('refs/heads/main').waitFor()
    expect([...visit.mishaps, ...other.mishaps]).toEqual([])
    await Promise.all([visit.close(), other.close()])
  })

  test('a secret is rotated, a source is paused and deleted, and nothing of it can be done by who may only look', async () => {
    const { client } = site.stack
    const verify = { scheme: 'shared_secret', header: 'X-Token' } as const
    const { id } = await client.eventSources.create({ body: { name: 'Shop', verify } })
    const { key } = await client.auth.createKey({ body: { name: 'viewer', role: 'viewer' } })
    const guest = await site.visit({ key })
    await guest.open(`/events/sources/${id}`)
    const pause = guest.page.getByRole('button', { name: 'Pause', exact: true })
    expect(await pause.getAttribute('title')).toBe('Needs events:write')
    await guest.close()

    const visit = await site.visit({ theme: 'dark' })
    const { page } = visit
    await visit.open(`/events/sources/${id}`)
    await page.getByRole('button', { name: 'Rotate secret…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Rotate', exact: true }).click()
    await dialog.getByText('It is shown this once').waitFor()
    const secret = await dialog.locator('code').innerText()
    await dialog.getByRole('button', { name: 'I copied it' }).click()
    await page.getByText(`…${secret.slice(-4)} is taken.`).waitFor()
    await page.getByText(/is taken beside it until .*, in 23 h\./).waitFor()
    await page.getByRole('button', { name: 'Pause', exact: true }).click()
    await page.getByText('Paused: everything that comes is refused.').waitFor()
    expect((await client.eventSources.show({ params: { source_id: id } })).enabled).toBe(false)
    await page.getByRole('button', { name: 'Delete…' }).click()
    await dialog.getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Event sources' }).waitFor()
    expect((await client.eventSources.list()).data.map(({ name }) => name)).not.toContain('Shop')
    expect(visit.mishaps).toEqual([])
    await visit.close()
  })
})
