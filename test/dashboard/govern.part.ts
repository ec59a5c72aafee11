// Keys, the audit, the palette and links to take along, with the keyboard where it is meant for it.
import { beforeAll, describe, expect, test } from 'vitest'
import { objections } from './axe.ts'
import type { Site, Visit } from './browser.ts'
import { theSite } from './one-site.ts'

let site: Site
let visit: Visit
describe('govern', () => {
  beforeAll(async () => {
    site = theSite()
    visit = await site.visit()
  })

  test('a key is made and shown once, edited over what somebody else changed, rotated and revoked, and the audit tells it', async () => {
    const { page } = visit
    const { client } = site.stack
    await visit.open('/keys')
    await page.getByText('No keys yet.').waitFor()
    await page.getByRole('button', { name: 'New key…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Make the key' }).click()
    await dialog.getByText('Must not be empty.').waitFor()
    await dialog.getByLabel('Name').fill('ci')
    await page.keyboard.press('Enter')
    await dialog.getByText('It is shown this once').waitFor()
    const secret = await dialog.getByText(/^k1n_sk_/).innerText()
    await dialog.getByRole('link', { name: 'Open the key' }).click()
    await page.getByRole('heading', { level: 1, name: 'Key ci' }).waitFor()
    await page.getByRole('meter', { name: 'Used of this minute' }).waitFor()
    expect(await page.content()).not.toContain(secret)

    const id = new URL(page.url()).pathname.split('/').at(-1) ?? ''
    await page.getByLabel('Requests a minute').fill('50')
    await client.auth.editKey({ params: { key_id: id }, body: { name: 'build' } })
    await page.getByRole('button', { name: 'Save the key' }).click()
    await page.getByText('Someone changed this meanwhile: the name.').waitFor()
    expect(await page.getByLabel('Requests a minute').inputValue()).toBe('50')
    await page.getByRole('button', { name: 'Save the key' }).click()
    await page.getByText('50 a minute').waitFor()
    expect(await client.auth.showKey({ params: { key_id: id } })).toMatchObject({
      name: 'build',
      limits: { per_minute: 50 },
    })

    await page.getByRole('button', { name: 'Rotate secret…' }).click()
    await dialog.getByRole('button', { name: 'Rotate', exact: true }).click()
    expect(await dialog.getByText(/^k1n_sk_/).innerText()).not.toBe(secret)
    await dialog.getByRole('button', { name: 'I copied it' }).click()
    await page.getByRole('button', { name: 'Revoke…' }).click()
    await dialog.getByRole('button', { name: 'Revoke', exact: true }).click()
    await page.getByText('No keys yet.').waitFor()

    await visit.open(`/audit?target=${id}`)
    await page.getByRole('link', { name: 'Delete API key' }).waitFor()
    const edit = page.getByRole('row').filter({ hasText: 'Edit API key' }).last()
    await edit.locator('summary').click()
    await edit.getByText('build').first().waitFor()
    await page.getByRole('button', { name: `${id}: drop this filter` }).click()
    await page.getByRole('link', { name: 'Sign in' }).first().waitFor()
    expect(new URL(page.url()).search).toBe('')
    expect(visit.mishaps.splice(0)).toEqual([])
  })

  test('the palette is used by keyboard alone, says what it does not find, and gives the focus back', async () => {
    const { page } = visit
    await site.stack.client.services.create({ body: { name: 'erp.example' } })
    await visit.open('/keys')
    // What is typed while the palette is still on its way is not lost.
    const asked = Promise.withResolvers<() => Promise<void>>()
    await page.route(/\/Palette-[^/]*\.js$/, (route) => asked.resolve(() => route.continue()), { times: 1 })
    await page.keyboard.press('Control+k')
    const box = page.getByRole('combobox', { name: 'Page, command, name or id' })
    const fetchIt = await asked.promise
    await page.keyboard.type('erp.example')
    await fetchIt()
    await page.getByRole('option', { name: 'erp.example Service' }).waitFor()
    expect(await objections(page)).toEqual([])
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Service erp.example' }).waitFor()
    await page.keyboard.press('Control+k')
    await box.waitFor()
    await page.keyboard.type('no such thing')
    await page.getByText('No page, command or thing is called “no such thing”.').waitFor()
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    // A key in the very moment in which it closes is a key of the page.
    await page.locator('dialog[open]').evaluate((dialog: HTMLDialogElement) => {
      dialog.close()
      document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'Y', shiftKey: true, bubbles: true }))
    })
    await page.getByText('Copied the frozen link.').waitFor()
    await box.waitFor({ state: 'detached' })
    const copied = new URL(await page.evaluate(() => navigator.clipboard.readText()))
    expect([...copied.searchParams.keys()]).toEqual(['from', 'to'])
    expect(visit.mishaps.splice(0)).toEqual([])
  })

  test('a letter typed into a field is a letter, and shortcuts that are off do nothing', async () => {
    const { page } = visit
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await visit.open('/keys')
    const copied = page.getByText('Copied the live link.')
    const filter = page.getByLabel('Filter keys')
    await page.keyboard.press('/')
    await page.keyboard.press('y')
    expect(await filter.inputValue()).toBe('y')
    expect(await copied.count()).toBe(0)
    await page.locator('h1').focus()
    await page.keyboard.press('?')
    await page.getByLabel('Shortcuts are on').uncheck()
    await page.keyboard.press('Escape')
    await page.locator('h1').focus()
    await page.keyboard.press('y')
    await page.keyboard.press('?')
    await page.evaluate(() => new Promise(requestAnimationFrame))
    expect(await copied.count()).toBe(0)
    expect(await page.getByRole('dialog').count()).toBe(0)
    await page.keyboard.press('Control+k')
    await page.getByRole('combobox').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Keyboard shortcuts' }).click()
    await page.getByLabel('Shortcuts are on').check()
    await page.keyboard.press('Escape')
    await page.locator('h1').focus()
    await page.keyboard.press('y')
    await copied.waitFor()
    expect(visit.mishaps.splice(0)).toEqual([])
  })

  test('a key that is given to a shortcut works instead of the first one, on every page, and one that is taken is refused', async () => {
    const { page } = visit
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await visit.open('/settings/shortcuts')
    const change = page.getByRole('button', { name: 'Change: Copy a link that stays live' })
    await change.click()
    const field = page.getByLabel('Keys for: Copy a link that stays live')
    await field.fill('n')
    await page.keyboard.press('Enter')
    await page.getByText('N is taken: Next failure.').waitFor()
    expect(await objections(page)).toEqual([])
    await field.fill('i')
    await page.keyboard.press('Enter')
    await page.getByText('All of it is saved.').waitFor()
    expect(await change.evaluate((button) => button === document.activeElement)).toBe(true)
    await visit.open('/keys')
    const copied = page.getByText('Copied the live link.')
    await page.keyboard.press('y')
    await page.evaluate(() => new Promise(requestAnimationFrame))
    expect(await copied.count()).toBe(0)
    await page.keyboard.press('i')
    await copied.waitFor()
    expect(await site.stack.client.preferences.edit({ body: { keys: null } })).toMatchObject({ keys: {} })
    expect(visit.mishaps.splice(0)).toEqual([])
  })

  test('a stretch of time that is brushed is what every page looks at, also by key and by the way back, in the zone that was chosen', async () => {
    const { page } = visit
    await visit.open('/queues/http?tab=metrics&t=1h')
    const time = page.getByRole('button', { name: /^Time: / })
    const words = async (): Promise<string> => (await time.innerText()).trim()
    const strip = await page.locator('.pulse .ground').boundingBox()
    if (!strip) throw new Error('there is no strip')
    const [x, y] = [strip.x, strip.y + 12]
    await page.mouse.move(x + strip.width * 0.25, y)
    await page.mouse.down()
    await page.mouse.move(x + strip.width * 0.5, y, { steps: 4 })
    await page.mouse.up()
    await time.waitFor()
    const brushed = await words()
    await page.getByText(`No job of this queue ended from ${brushed}.`).waitFor()
    expect(await objections(page)).toEqual([])
    await page.getByRole('slider', { name: 'Window to' }).press('ArrowLeft')
    await page.getByText(`No job of this queue ended from ${brushed}.`).waitFor({ state: 'detached' })
    await page.goBack()
    await page.getByText(`No job of this queue ended from ${brushed}.`).waitFor()
    await page.getByRole('navigation').getByRole('link', { name: 'Breakers' }).click()
    await page.getByRole('columnheader', { name: `From ${brushed}` }).waitFor()
    const other = await page.context().newPage()
    await other.goto('/settings/time')
    await other.getByRole('combobox', { name: 'Zone' }).selectOption('Asia/Kathmandu')
    await page.getByRole('columnheader', { name: `From ${brushed}` }).waitFor({ state: 'detached' })
    await page.getByRole('columnheader', { name: `From ${await words()}` }).waitFor()
    const minutes = (text: string): number => Number(/:(\d\d) to/.exec(text)?.[1])
    expect(minutes(await words())).toBe((minutes(brushed) + 45) % 60)
    await time.click()
    await page.getByText('Times in Asia/Kathmandu, UTC+5:45').waitFor()
    expect(await objections(page)).toEqual([])
    await page.getByRole('button', { name: 'Back to live' }).click()
    await page.getByRole('columnheader', { name: 'Last 1 h' }).waitFor()
    expect(await site.stack.client.preferences.edit({ body: { zone: null } })).toMatchObject({ zone: null })
    await other.close()
    expect(visit.mishaps.splice(0)).toEqual([])
  })

  test('a viewer is told which scope keys and the audit take', async () => {
    const { key } = await site.stack.client.auth.createKey({ body: { name: 'viewer', role: 'viewer' } })
    const guest = await site.visit({ key })
    for (const [path, scope] of [
      ['/keys', 'keys:read'],
      ['/audit', 'audit:read'],
    ] as const) {
      await guest.page.goto(path)
      await guest.page.getByRole('alert').filter({ hasText: scope }).waitFor()
    }
    expect(guest.mishaps).toEqual([])
    await guest.close()
  })
})
