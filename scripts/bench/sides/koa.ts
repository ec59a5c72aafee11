// The floor of accepting a job over HTTP: what a service without k1n would write. Koa, its body parser, zod, queue.add.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { bodyParser } from '@koa/bodyparser'
import Router from '@koa/router'
import { Queue } from 'bullmq'
import Koa from 'koa'
import { z } from 'zod'
import { Payload, QUEUE } from '../catalog.ts'
import { serveSide } from '../side.ts'

const queue = new Queue(QUEUE, { connection: { url: process.env['REDIS_URL'] ?? '' }, prefix: 'raw' })
const Body = z.strictObject({ name: z.string().min(1).max(128), data: Payload })
const router = new Router()
router.post('/jobs', async (ctx) => {
  const parsed = Body.safeParse(ctx.request.body)
  if (!parsed.success) {
    ctx.status = 422
    ctx.body = { errors: parsed.error.issues }
    return
  }
  const job = await queue.add(parsed.data.name, parsed.data.data, { attempts: 5, backoff: 1_000 })
  ctx.status = 201
  ctx.body = { id: job.id, name: job.name, data: job.data as unknown, timestamp: job.timestamp }
})
const app = new Koa()
app.use(bodyParser()).use(router.routes())
await queue.waitUntilReady()
const handle = app.callback()
const server = createServer((req, res) => void handle(req, res)).listen(0, '127.0.0.1', () =>
  serveSide({}, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
)
