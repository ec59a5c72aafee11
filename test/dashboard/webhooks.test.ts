// Webhooks as people keep them: an endpoint is made and tested, and what it missed is sent in three ways that send exactly that.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/stack.ts'
import { openSite } from './browser.ts'
import type { Site } from './browser.ts'

/** A receiver that answers as it is told and remembers what it took. */
const startReceiver = async () => {
  const heard: { delivery: string; type: string }[] = []
  const receiver = { url: '', status: 200, heard, close: () => server.close() }
  const server = createServer((request, response) => {
    request.resume().on('end', () => {
      if (receiver.status === 200)
        heard.push({
          delivery: String(request.headers['x-k1n-delivery']),
          type: String(request.headers['x-k1n-event']),
        })
      response.writeHead(receiver.status).end(receiver.status === 200 ? 'taken' : 'not now')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks`
  return receiver
}

let site: Site
let receiver: Awaited<ReturnType<typeof startReceiver>>
beforeAll(async () => {
  receiver = await startReceiver()
  site = await openSite({ K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' })
})
afterAll(async () => {
  await site.close()
  receiver.close()
})

const order = (id: string) => site.stack.client.events.publish({ body: { event: 'order.placed', id, data: { id } } })
/** An endpoint of the receiver that gives up at the first failure. */
const endpoint = async (): Promise<string> => {
  const body = { url: receiver.url, event_types: ['order.*'], retry: { delays_ms: [] } }
  return (await site.stack.client.webhooks.create({ body })).id
}
const deliveries = async (webhook: string) =>
  (await site.stack.client.deliveries.list({ params: { webhook_id: webhook } })).data

test('an endpoint is made by a form that tells what is refused, its secret is shown once, and a test of it arrives', async () => {
  const visit = await site.visit()
  const { page } = visit
  await visit.open('/')
  await page.keyboard.press('g')
  await page.keyboard.press('h')
  await page.getByText('No endpoints yet.').waitFor()
  await page.getByRole('link', { name: 'New endpoint' }).click()
  await page.getByLabel('Address').fill('https://169.254.169.254/latest')
  await page.getByLabel('Another name').fill('order.*')
  await page.keyboard.press('Enter')
  await page.getByRole('list', { name: 'Chosen' }).getByText('order.*').waitFor()
  await page.getByText('Tried 10 times in 3 d').waitFor()
  await page.getByRole('button', { name: 'Make the endpoint' }).click()
  const address = page.getByRole('textbox', { name: 'Address' })
  await page.waitForFunction(() => document.activeElement?.getAttribute('aria-invalid') === 'true')
  expect(await address.getAttribute('aria-invalid')).toBe('true')
  await address.fill(receiver.url)
  await page.getByRole('button', { name: 'Make the endpoint' }).click()
  await page.getByText('It is shown this once').waitFor()
  expect(await page.getByText(/^whsec_/).innerText()).toMatch(/^whsec_\S{40,}$/)
  await page.getByRole('link', { name: 'Open the endpoint' }).click()
  await page.getByText('Nothing was sent to it yet.').first().waitFor()
  await page.getByRole('button', { name: 'Test…' }).click()
  await page.getByRole('button', { name: 'Send the test' }).click()
  await page
    .getByRole('dialog')
    .getByText(/It answered 200 in/)
    .waitFor()
  expect(receiver.heard.map(({ type }) => type)).toEqual(['webhook.test'])
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('button', { name: 'Delete…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
  await page.getByText('No endpoints yet.').waitFor()
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test('what failed is resent and recovered, what was never sent is sent, and the receiver takes exactly that', async () => {
  const { client } = site.stack
  const id = await endpoint()
  const params = { webhook_id: id }
  const visit = await site.visit()
  const { page } = visit
  await visit.open(`/webhooks/${id}`)
  await page.getByText(/^Live,/).waitFor()

  await order('fine')
  await page.getByRole('row').filter({ hasText: 'Delivered' }).waitFor()
  receiver.status = 500
  await order('first')
  await page.getByRole('row').filter({ hasText: 'Given up' }).waitFor()
  receiver.status = 200
  await client.webhooks.edit({ params, body: { enabled: false } })
  const witness = await endpoint()
  await order('never')
  await order('never-too')
  // What it got was looked at by whoever sends, so the paused endpoint was passed over for good.
  await until(
    () => deliveries(witness),
    (rows) => rows.filter(({ status }) => status === 'succeeded').length === 2,
  )
  await client.webhooks.remove({ params: { webhook_id: witness } })
  await client.webhooks.edit({ params, body: { enabled: true } })
  const lost = (await deliveries(id)).find(({ status }) => status === 'dead')?.id ?? ''
  receiver.heard.length = 0

  await page.getByRole('link', { name: 'order.placed' }).first().waitFor()
  await page.getByRole('button', { name: 'Send what was never sent since…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByText('2 facts were never sent.').waitFor()
  await dialog.getByRole('button', { name: 'Send 2' }).click()
  await until(async () => receiver.heard.length, (length) => length === 2) // prettier-ignore
  await page.getByRole('button', { name: 'Recover failed since…' }).click()
  await dialog.getByText('1 delivery failed and did not arrive.').waitFor()
  await dialog.getByRole('button', { name: 'Send 1 again' }).click()
  await until(async () => receiver.heard.length, (length) => length === 3) // prettier-ignore
  expect(receiver.heard[2]?.delivery).toBe(lost)

  await visit.open(`/webhooks/${id}/deliveries/${lost}`)
  await page.getByText('Delivered at attempt 2.').waitFor()
  await page.getByRole('button', { name: 'Resend this' }).click()
  await page.getByText('Delivered at attempt 3.').waitFor()
  const all = await until(
    () => deliveries(id),
    (rows) => rows.every(({ status }) => status === 'succeeded'),
  )
  expect(all).toHaveLength(4)
  expect(receiver.heard.map(({ delivery }) => delivery).filter((each) => each === lost)).toHaveLength(2)
  expect(receiver.heard).toHaveLength(4)
  expect(visit.mishaps).toEqual([])
  await visit.close()
})

test('who may not follow live is told so calmly, asks for no stream, and is not asked for again what was refused', async () => {
  const { key } = await site.stack.client.auth.createKey({ body: { name: 'reader', scopes: ['webhooks:read'] } })
  const guest = await site.visit({ key })
  const { page } = guest
  const asked: string[] = []
  page.on('request', (request) => asked.push(new URL(request.url()).pathname))
  page.on('websocket', (socket) => asked.push(new URL(socket.url()).pathname))
  await page.clock.install()
  await guest.open('/')
  await page.getByText('This needs metrics:read').waitFor()
  const before = asked.length
  await page.clock.runFor(12_000)
  await page.getByText('This needs metrics:read').waitFor()
  // That somebody looks is written a moment after the page is there.
  const isLooking = (path: string): boolean => /\/me\/preferences$|\/assets\//.test(path)
  expect(
    asked.slice(before).filter((path) => !isLooking(path)),
    'what was refused is not asked for again',
  ).toEqual([])
  expect(asked.filter((path) => path.includes('/stream'))).toEqual([])
  expect(guest.mishaps).toEqual([])
  await guest.close()
})

test('a subscriber opens a link of theirs, sees and steers their endpoints and nothing else, until it is revoked', async () => {
  const { client } = site.stack
  const make = (subscriber: string) =>
    client.webhooks.create({
      body: { url: receiver.url, event_types: ['order.*'], subscriber, description: subscriber },
    })
  const { id } = await make('acme')
  const rival = await make('rivalco')
  const operator = await site.visit()
  await operator.open(`/webhooks/${id}`)
  await operator.page.getByRole('button', { name: 'Portal link…' }).click()
  const dialog = operator.page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Make the link' }).click()
  const link = await dialog.getByText(/auth\/portal\?code=/).innerText()
  await dialog.getByText(/can be until .*\. It opens once/).waitFor()

  const guest = await site.visit({ signedIn: false })
  const { page } = guest
  const asked: string[] = []
  page.on('response', (answer) => asked.push(`${answer.status()} ${new URL(answer.url()).pathname}`))
  await page.goto(link)
  await page.getByRole('button', { name: 'Open the webhooks' }).click()
  await page.getByText('Webhooks of acme').waitFor()
  await page.getByText('Refreshed every 5 s').waitFor()
  await page.getByRole('link', { name: receiver.url }).click()
  await page.getByText('Nothing was sent to it yet.').first().waitFor()
  expect(await page.getByRole('button', { name: 'Delete…' }).getAttribute('title')).toMatch(/made for you/)
  await page.getByRole('button', { name: 'Test…' }).click()
  await page.getByRole('button', { name: 'Send the test' }).click()
  await page
    .getByRole('dialog')
    .getByText(/It answered 200 in/)
    .waitFor()
  await page.getByRole('button', { name: 'Close', exact: true }).click()
  await page.getByRole('link', { name: 'webhook.test' }).click()
  await page.getByText('A test that arrived.').waitFor()
  for (const path of ['/', '/webhooks', `/webhooks/${rival.id}`, '/queues', '/audit']) {
    await guest.open(path)
    expect(await page.locator('body').innerText()).not.toContain('rivalco')
  }
  await page.getByText('This page is not yours to see.').waitFor()
  expect(
    asked.filter((each) => /^(403|5)/.test(each)),
    'nothing is asked for that is refused',
  ).toEqual([])

  await dialog.getByRole('button', { name: 'Revoke the link of acme' }).click()
  await operator.page.getByText('it lets nobody in any more').waitFor()
  await guest.open(`/webhooks/${id}`)
  await page.getByRole('heading', { name: /Your visit is over|Sign in to k1n/ }).waitFor()
  expect([...guest.mishaps, ...operator.mishaps]).toEqual([])
  await guest.close()
  await operator.close()
})

test('a secret is rotated, a signature is checked in the page, and who may only look is told what it takes', async () => {
  const { client } = site.stack
  const id = await endpoint()
  const visit = await site.visit({ theme: 'dark' })
  const { page } = visit
  await visit.open(`/webhooks/${id}`)
  await page.getByRole('button', { name: 'Rotate secret…' }).click()
  const dialog = page.getByRole('dialog')
  await dialog.getByRole('button', { name: 'Rotate', exact: true }).click()
  const secret = await dialog.getByText(/^whsec_/).innerText()
  await dialog.getByRole('button', { name: 'I copied it' }).click()
  await page.getByText(`…${secret.slice(-4)} signs what is sent.`).waitFor()
  await page.getByText(/signs beside it until .*, in 23 h\./).waitFor()
  await order('signed')
  const [newest] = await until(
    () => deliveries(id),
    (rows) => rows[0]?.status === 'succeeded',
  )
  await visit.open(`/webhooks/${id}/deliveries/${newest?.id ?? ''}`)
  await page.getByText('Delivered at attempt 1.').waitFor()
  const check = page.getByLabel('Check the signature with a secret').first()
  await check.fill(secret)
  await page.keyboard.press('Enter')
  await page.getByText('The signature was made with this secret').waitFor()
  await check.fill(`whsec_${Buffer.alloc(32, 7).toString('base64')}`)
  await page.keyboard.press('Enter')
  await page.getByText('The signature was not made with this secret').waitFor()
  expect(visit.mishaps).toEqual([])
  await visit.close()

  const { key } = await client.auth.createKey({ body: { name: 'viewer', role: 'viewer' } })
  const guest = await site.visit({ key })
  await guest.open(`/webhooks/${id}`)
  const pause = guest.page.getByRole('button', { name: 'Pause', exact: true })
  expect(await pause.getAttribute('title')).toBe('Needs webhooks:write')
  await guest.close()
})
