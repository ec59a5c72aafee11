// What must be true of every reply, however strange the request, and of Redis and the process after thousands of them.
import { request } from 'node:http'
import { expect } from 'vitest'
import type { Door } from '../api/fixtures.ts'
import { checkReply } from '../api/openapi.ts'
import type { Wild } from './generate.ts'

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
  ms: number
}

/** What leaks from below would look like. */
const LEAKS =
  /WRONGTYPE|\bERR |EVALSHA|user_script|node_modules|ioredis|bullmq\/|at [A-Z]\w+\.\w+ \(|ReplyError|ECONNRE/

/** A request that is never answered is worse than any answer, in ms. */
const SILENT_MS = 15_000

/** Sends a request as it is: `fetch` would refuse or mend some of them. */
export const sendWild = (door: Door, { method, path, headers, body }: Wild): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    const authorization =
      headers['authorization'] === undefined && headers['x-api-key'] === undefined
        ? { authorization: `Bearer ${door.adminKey}` }
        : {}
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }
    const req = request(door.url + path, { method, headers: { ...authorization, ...length, ...headers } }, (res) => {
      const chunks: Buffer[] = []
      res.on('data', (chunk: Buffer) => chunks.push(chunk))
      res.on('end', () =>
        resolve({
          status: res.statusCode ?? 0,
          headers: res.headers,
          text: Buffer.concat(chunks).toString('utf8'),
          ms: performance.now() - began,
        }),
      )
      res.on('error', reject)
    })
    req.setTimeout(SILENT_MS, () => req.destroy(new Error(`no answer within ${SILENT_MS} ms`)))
    req.on('error', reject)
    req.end(body)
  })

/** Probes may say that Redis is slow: on a machine shared with other tests it is at times. */
const PROBE = /^\/(readyz|healthz)\b/
const allowed = (status: number): boolean => (status >= 200 && status < 300) || (status >= 400 && status < 500)

/** Throws with the reason when an answer breaks a promise. */
export const judge = async (door: Door, wild: Wild, answer: Answer, slowMs: number): Promise<void> => {
  const type = String(answer.headers['content-type'] ?? '')
  const isProbe = answer.status === 503 && PROBE.test(wild.path)
  if (!isProbe && !allowed(answer.status)) throw new Error(`answered ${answer.status}: ${answer.text.slice(0, 500)}`)
  if (answer.ms > slowMs) throw new Error(`took ${Math.round(answer.ms)} ms`)
  if (LEAKS.test(answer.text) || LEAKS.test(JSON.stringify(answer.headers)))
    throw new Error(`leaked: ${answer.text.slice(0, 500)}`)
  if (answer.headers['x-injected'] !== undefined) throw new Error('a header was injected')
  const isOld = answer.headers['x-api-version'] === '1'
  if (
    answer.status >= 400 &&
    !isProbe &&
    !isOld &&
    wild.method !== 'HEAD' &&
    !type.startsWith('application/problem+json')
  )
    throw new Error(`an error came as ${type}`)
  if (wild.method !== 'HEAD')
    await checkReply(
      wild.method,
      door.url + wild.path,
      new Response(answer.status === 204 ? null : answer.text, {
        status: answer.status,
        headers: { 'content-type': type, 'x-api-version': String(answer.headers['x-api-version']) },
      }),
    )
  if (({} as { polluted?: unknown }).polluted !== undefined) throw new Error('the prototype of objects was polluted')
}

const kinds: Record<string, string> = {
  wait: 'list',
  active: 'list',
  paused: 'list',
  delayed: 'zset',
  prioritized: 'zset',
  completed: 'zset',
  failed: 'zset',
  'waiting-children': 'zset',
  meta: 'hash',
  events: 'stream',
}

/** Every key of BullMQ is still of its kind, counts work, and nothing of ours was made but what jobs need. */
export const checkRedis = async ({ api }: Door): Promise<void> => {
  const { redis, bullPrefix } = api.kernel
  const queues = await api.rooms.bull.discover()
  for (const queue of queues) {
    for (const [suffix, kind] of Object.entries(kinds))
      expect([queue, suffix, ['none', kind].includes(await redis.type(`${bullPrefix}:${queue}:${suffix}`))]).toEqual([
        queue,
        suffix,
        true,
      ])
    await expect(api.rooms.bull.queue(queue).getJobCounts()).resolves.toBeDefined()
  }
  expect(queues.sort()).toEqual([...new Set([...api.rooms.bull.known()])].sort())
}
