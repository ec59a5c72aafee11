// What tests of webhooks start from: loopback is open, a receiver that keeps what it got, and endpoints of every sort.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Webhook } from '../../../shared/webhooks/contract.ts'
import { test as base } from '../fixtures.ts'
import type { Reply } from '../fixtures.ts'

export interface Got {
  headers: Record<string, string>
  body: string
}

interface Receiver {
  url: string
  got: Got[]
  /** What it answers; 204 unless set. */
  answers: { status: number; body: string }
}

interface WebhookFixtures {
  receiver: Receiver
  /** Makes an endpoint and answers the reply. */
  make: (more?: object, key?: string) => Promise<Omit<Reply, 'json'> & { json: Webhook & { secret: string } }>
}

export const path = '/api/v2/webhooks'
/** Nobody listens there, and nobody is asked for its name. */
export const url = 'http://127.0.0.1:9/in'
export const body = { url, event_types: ['error_recovery.*', 'job.failed'] }
export const bearer = (key: string): { authorization: string } => ({ authorization: `Bearer ${key}` })

export const test = base.extend({ settings: { K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' } }).extend<WebhookFixtures>({
  receiver: async ({}, use) => {
    const got: Got[] = []
    const answers = { status: 204, body: '' }
    const server = createServer((req, res) => {
      const chunks: Buffer[] = []
      req.on('data', (chunk: Buffer) => chunks.push(chunk))
      req.on('end', () => {
        got.push({ headers: req.headers as Record<string, string>, body: Buffer.concat(chunks).toString() })
        res.writeHead(answers.status).end(answers.body)
      })
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    await use({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in`, got, answers })
    server.closeAllConnections()
    server.close()
  },
  make: async ({ door }, use) => {
    await use((more = {}, key) =>
      door.send('POST', path, {
        body: { ...body, ...more },
        ...(key === undefined ? {} : { headers: bearer(key) }),
      }),
    )
  },
})

export { describe, expect, expectProblem } from '../fixtures.ts'
