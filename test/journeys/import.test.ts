// A listening history goes in, and every record is stored once whatever happens on the way.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../../shared/listening/generate.ts'
import { run, startStack, until } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

let stack: Stack

beforeAll(async () => {
  stack = await startStack({ K1N_WORKERS: '2' })
})
afterAll(() => stack.stop())

const upload = async (file: string) => {
  const response = await fetch(`${stack.url}/api/v2/imports`, {
    method: 'POST',
    headers: { authorization: `Bearer ${stack.key}`, 'content-type': 'application/json' },
    body: await readFile(file),
  })
  expect(response.status).toBe(202)
  return (await response.json()) as { id: string }
}

interface Summary {
  accepted: number
  duplicates: number
  records: number
  rejected: Record<string, number>
}
const finished = async (id: string): Promise<Summary> => {
  const done = await until(
    () => stack.client.jobs.result({ params: { task_id: id }, query: { wait: 10 } }),
    ({ state }) => state === 'completed' || state === 'failed',
  )
  expect(done).toMatchObject({ state: 'completed' })
  return (done as unknown as { result: Summary }).result
}
const rejected = (summary: Summary): number => Object.values(summary.rejected).reduce((sum, count) => sum + count, 0)

test('an upload is imported with every record accounted for, and a second time adds nothing', async () => {
  const file = join(stack.dir, 'history.json')
  const expected = await generate(file, { records: 20_000, form: 'extended', seed: 7, flaws: 0.02 })
  const first = await finished((await upload(file)).id)
  expect(first.records).toBe(expected.records)
  expect(first.accepted + first.duplicates + rejected(first)).toBe(first.records)
  const second = await finished((await upload(file)).id)
  expect(second).toMatchObject({ accepted: 0, records: expected.records })
})

/** Some chunks must be under way and some stored when everything dies; the long run has more of them. */
const MANY = process.env['K1N_TEST_LONG'] === '1' ? 60_000 : 24_000

test('kill -9 of everything that works, in the middle, loses and doubles nothing', async () => {
  const file = join(stack.dir, 'second.json')
  const expected = await generate(file, { records: MANY, form: 'basic', seed: 11, flaws: 0.01 })
  const { id } = await upload(file)
  await until(
    () => stack.client.queues.show({ params: { queue: 'listening-chunks' } }),
    ({ counts }) => counts.completed > 0 && counts.active > 0,
    5,
  )
  const gone = new Promise((resolve) => stack.workers.process.once('exit', resolve))
  for (const { pid } of await workersOf(stack)) process.kill(pid, 'SIGKILL')
  stack.workers.process.kill('SIGKILL')
  await gone
  stack.workers = await run('workers/main.ts', stack.env)
  const summary = await finished(id)
  expect(summary.records).toBe(expected.records)
  expect(summary.accepted + summary.duplicates + rejected(summary)).toBe(expected.records)
  expect(summary.accepted).toBe(expected.accepted)
})

const workersOf = async ({ redis }: Stack): Promise<{ pid: number }[]> => {
  const { Redis } = await import('ioredis')
  const client = new Redis(redis.url)
  const keys = await client.keys('{k1n}:workers:info:*')
  const infos = await Promise.all(keys.map((key) => client.get(key)))
  await client.quit()
  return infos.flatMap((text) => (text === null ? [] : [JSON.parse(text) as { pid: number }]))
}
