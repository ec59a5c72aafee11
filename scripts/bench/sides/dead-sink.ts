// Receivers of webhooks, good and dead ones: good ones answer at once and tell how long a fact took to come, by its `at`.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { deadServer } from '../../../shared/outbound/fixtures/dead.ts'
import { serveSide } from '../side.ts'

let tookMs: number[] = []

const good = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.on('end', () => {
    const { type, data } = JSON.parse(Buffer.concat(chunks).toString()) as { type: string; data: { at: number } }
    if (type === 'job.calm') tookMs.push(Date.now() - data.at)
    response.end('ok')
  })
})
good.keepAliveTimeout = 60_000
const dead = deadServer(() => undefined)
const refusing = createServer()

const listen = async (server: Server): Promise<string> => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const urls = { good: await listen(good), dead: await listen(dead), refusing: await listen(refusing) }
refusing.close()
serveSide(
  {
    /** How long facts took since this was asked before, in ms. */
    took: () => {
      const all = tookMs
      tookMs = []
      return all
    },
  },
  urls,
)
