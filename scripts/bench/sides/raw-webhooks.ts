// The floor of webhooks: BullMQ's own worker, a signature and undici's pool; no breaker, no record of what came of it.
import { createHmac } from 'node:crypto'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { Pool } from 'undici'
import { workerOptions } from '../../../shared/bullmq/bullmq.ts'
import { keyOf } from '../../../shared/webhooks/sign.ts'
import { serveSide } from '../side.ts'

const [, , url = '', concurrency = '50'] = process.argv
const { stackTraceLimit: _option, ...settings } = workerOptions()
const pool = new Pool(url, { connections: Number(concurrency) })

interface Data {
  path: string
  id: string
  body: string
  secret: string
}

const worker = new Worker<Data>(
  'k1n-webhooks',
  async ({ data: { path, id, body, secret } }) => {
    const at = Math.floor(Date.now() / 1_000)
    const signature = `v1,${createHmac('sha256', keyOf(secret) ?? '')
      .update(`${id}.${at}.`)
      .update(body)
      .digest('base64')}`
    const headers = {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': String(at),
      'webhook-signature': signature,
    }
    const { statusCode, body: answer } = await pool.request({ path, method: 'POST', headers, body })
    await answer.text()
    if (statusCode !== 200) throw new Error(String(statusCode))
    return { status: statusCode }
  },
  {
    ...settings,
    connection: new Redis(process.env['REDIS_URL'] ?? '', { maxRetriesPerRequest: null }),
    prefix: 'raw',
    concurrency: Number(concurrency),
  },
)
worker.on('error', () => undefined)
await worker.waitUntilReady()
serveSide({})
