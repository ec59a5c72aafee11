// Everything the API can do, asked for by a guest of the portal: what is not theirs is refused, and nothing of a rival is told or changed.
import { rowsOf } from '../../../api/http/check.ts'
import { contract } from '../../../shared/contract.ts'
import type { Endpoint } from '../../../shared/kernel/endpoint.ts'
import type { Reply } from '../fixtures.ts'
import { RIVAL, describe, expect, expectProblem, path, test } from './work.ts'

/** Open to whoever asks, signed in or not. A new row that a guest may call must be put into one of these lists by hand. */
const PUBLIC = ['getHealth', 'getLiveness', 'getReadiness', 'listVersions', 'receiveWebhook', 'signIn']
const THEIRS = [
  ...[
    'createWebhook',
    'deleteWebhook',
    'editPreferences',
    'editWebhook',
    'getDelivery',
    'getMe',
    'getPreferences',
    'getQuota',
    'getSession',
    'getWebhook',
  ],
  ...['getWebhookHealth', 'listDeliveries', 'listEventTypes', 'listWebhooks', 'replayWebhook', 'retryDelivery'],
  ...['rotateWebhookSecret', 'signOut', 'testWebhook'],
]
const rows = rowsOf(contract).map(([, row]) => row)
const addressOf = (row: Endpoint, ids: Record<string, string> = {}): string =>
  (row.at === 'root' ? '' : '/api/v2') + row.path.replace(/:([a-z_]+)/g, (_all, name: string) => ids[name] ?? 'x')

const codeOf = ({ json }: Reply): string | undefined => (json as { code?: string } | undefined)?.code

/** Bodies of those that take one, right but for what they are about. */
const bodies: Readonly<Record<string, unknown>> = {
  editWebhook: { enabled: false, url: 'http://127.0.0.1:9/mine' },
  replayWebhook: { from: '2020-01-01T00:00:00.000Z', status: ['succeeded', 'failed', 'dead', 'cancelled'] },
}

describe('a guest of the portal', () => {
  test('is refused every operation that is not named here', async ({ guest }) => {
    const asked = rows.filter(({ operationId }) => ![...PUBLIC, ...THEIRS].includes(operationId))
    expect(asked.length).toBe(rows.length - PUBLIC.length - THEIRS.length)
    const told = await Promise.all(
      asked.map(async (row) => {
        const reply = await guest.send(row.method, addressOf(row), row.method === 'GET' ? undefined : {})
        return `${row.operationId}: ${reply.status} ${codeOf(reply) ?? ''}`
      }),
    )
    expect(told.sort()).toEqual(asked.map(({ operationId }) => `${operationId}: 403 insufficient-scope`).sort())
  })

  test("is told that there is none of a rival's, and changes none of it", async ({ door, guest, foreign, own }) => {
    const look = async (): Promise<string> => {
      const webhook = await door.client.webhooks.show({ params: foreign })
      const delivery = await door.client.deliveries.show({ params: foreign })
      const operations = await door.client.operations.list({ query: {} })
      const { data: links } = await door.client.portal.list({ query: {} })
      return JSON.stringify([webhook, delivery, operations.data, links])
    }
    const before = await look()
    const told: string[] = []
    for (const row of rows.filter(({ operationId, path: at }) => THEIRS.includes(operationId) && at.includes(':'))) {
      const reply = await guest.send(row.method, addressOf(row, { ...foreign }), bodies[row.operationId])
      expect(`${row.operationId}: ${reply.status}`).toBe(`${row.operationId}: 404`)
      // What is another's and what never was are told in the same words.
      const never = {
        webhook_id: foreign.webhook_id.replace(/.$/, 'z'),
        delivery_id: foreign.delivery_id.replace(/.$/, 'z'),
      }
      const absent = await guest.send(row.method, addressOf(row, never), bodies[row.operationId])
      expect([absent.status, codeOf(absent)]).toEqual([404, codeOf(reply)])
      told.push(reply.text)
    }
    for (const at of [
      ...[path, `${path}?subscriber=${RIVAL}`, `${path}?q=${RIVAL}`, `${path}?limit=200`, `${path}/event-types`],
      ...[`${path}/${own.id}`, `${path}/${own.id}/health`, `${path}/${own.id}/deliveries`],
      ...['/api/v2/me', '/auth/session', '/api/v2/quota', '/healthz', '/readyz', '/api/versions', '/api'],
    ])
      told.push((await guest.send('GET', at)).text)
    told.push((await guest.send('POST', path, { url: RIVAL, event_types: ['job.failed'] })).text)
    expect(told.join('\n').replaceAll(`/${RIVAL}`, '')).not.toContain(`"subscriber":"${RIVAL}"`)
    expect(told.slice(0, -1).join('\n').replaceAll(`q=${RIVAL}`, '')).not.toContain(RIVAL)
    expect(await look()).toBe(before)
  })

  test('makes nothing for a rival, and finds no other door', async ({ door, guest, foreign }) => {
    const body = { url: 'http://127.0.0.1:9/in', event_types: ['job.failed'], subscriber: RIVAL }
    expectProblem(await guest.send('POST', path, body), 422, 'validation-failed')
    expect((await guest.send('GET', '/admin/queues')).status).toBe(403)
    expect((await guest.send('GET', '/metrics')).status).not.toBe(200)
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13' }
    const socket = await import('node:http').then(
      ({ request }) =>
        new Promise<number>((resolve, reject) => {
          const asked = request(`${door.url}/api/v2/stream`, {
            headers: { ...upgrade, cookie: guest.cookie, 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
          })
          asked.on('response', ({ statusCode }) => resolve(statusCode ?? 0)).on('upgrade', () => resolve(101))
          asked.on('error', reject).end()
        }),
    )
    expect(socket).toBe(401)
    expect((await guest.send('GET', `/api/v1/webhooks/${foreign.webhook_id}`)).status).toBe(404)
    const bare = { authorization: undefined, 'sec-fetch-site': 'same-origin', cookie: guest.cookie }
    expectProblem(await door.send('POST', path, { body, headers: bare }), 403, 'csrf-failed')
  })
})
