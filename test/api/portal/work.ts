// What tests of the portal start from: a subscriber who opened a link, and a rival of whom it must not hear.
import { path, test as base, url } from '../webhooks/work.ts'
import type { Door, Reply } from '../fixtures.ts'

export interface Guest {
  linkId: string
  cookie: string
  send(method: string, at: string, body?: unknown): Promise<Reply>
}

/** A browser's own headers. */
const ours = { authorization: undefined, 'sec-fetch-site': 'same-origin' }
export const browser = ours
export const pathOf = (link: string): string => link.slice(new URL(link).origin.length)
export const cookieOf = (reply: Reply): string => (reply.headers.get('set-cookie') ?? '').split(';')[0] ?? ''

/** Opens a link as a browser does, and asks with what it was given. */
export const openLink = async (door: Door, link: { id: string; url: string }): Promise<Guest> => {
  const cookie = cookieOf(await door.send('POST', pathOf(link.url), { headers: ours }))
  const session = await door.send('GET', '/auth/session', { headers: { ...ours, cookie } })
  const csrf = (session.json as { csrf_token: string }).csrf_token
  return {
    linkId: link.id,
    cookie,
    send: (method, at, body) =>
      door.send(method, at, {
        headers: { ...ours, cookie, 'x-csrf-token': csrf },
        ...(body !== undefined && { body }),
      }),
  }
}

/** What the guest must never read: it is part of every name and address of the rival. */
export const RIVAL = 'rivalco'

interface Foreign {
  webhook_id: string
  delivery_id: string
}

export const test = base.extend<{ guest: Guest; foreign: Foreign; own: { id: string; secret: string } }>({
  guest: async ({ door }, use) => {
    const link = await door.client.portal.create({ body: { subscriber: 'acme' } })
    await use(await openLink(door, link))
  },
  foreign: async ({ door, make, receiver }, use) => {
    const made = await make({ subscriber: RIVAL, url: `${receiver.url}/${RIVAL}`, description: RIVAL })
    const { id } = made.json
    const tested = await door.client.webhooks.test({ params: { webhook_id: id } })
    await use({ webhook_id: id, delivery_id: tested.delivery_id })
  },
  own: async ({ make }, use) => use((await make({ subscriber: 'acme' })).json),
})

export { path, url }
export { describe, expect, expectProblem } from '../fixtures.ts'
