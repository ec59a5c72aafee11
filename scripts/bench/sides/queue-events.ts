// The floor of live events: BullMQ's QueueEvents, and one ws.send for each event to each client.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { QueueEvents } from 'bullmq'
import { WebSocketServer } from 'ws'
import { QUEUE } from '../catalog.ts'
import { serveSide } from '../side.ts'

const server = createServer()
const sockets = new WebSocketServer({ server, perMessageDeflate: false })
const events = new QueueEvents(QUEUE, {
  connection: { url: process.env['REDIS_URL'] ?? '', maxRetriesPerRequest: null },
  prefix: 'raw',
})
events.on('progress', ({ jobId, data }, id) => {
  for (const client of sockets.clients)
    client.send(JSON.stringify({ type: 'event', id, event: 'job:progress', data: { task_id: jobId, progress: data } }))
})
await events.waitUntilReady()
server.listen(0, '127.0.0.1', () =>
  serveSide({}, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
)
