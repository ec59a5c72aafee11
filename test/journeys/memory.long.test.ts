// The largest upload there may be passes through the real processes, and none of them grows large by it.
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generate } from '../../shared/listening/generate.ts'
import { startStack } from '../support/stack.ts'
import type { Stack } from '../support/stack.ts'

const LIMIT_KB = 300_000_000 / 1_024
let stack: Stack

beforeAll(async () => {
  stack = await startStack()
})
afterAll(() => stack.stop())

const upload = (file: string, size: number): Promise<{ id: string }> =>
  new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${stack.key}`, 'content-type': 'application/json', 'content-length': size }
    const sent = request(`${stack.url}/api/v2/imports`, { method: 'POST', headers }, (reply) => {
      json(reply).then((body) => resolve(body as { id: string }), reject)
    })
    createReadStream(file).pipe(sent.on('error', reject))
  })

/** The most memory a process ever had, in KiB. */
const peakOf = async (pid: number): Promise<number> =>
  Number(/VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1])

const children = async (pid: number): Promise<number[]> =>
  (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ').map(Number)

test.skipIf(process.platform !== 'linux')('200 MB are imported with no process above 300 MB', async () => {
  const file = join(stack.dir, 'large.json')
  const expected = await generate(file, { records: 312_000, form: 'extended', seed: 3, flaws: 0.01 })
  const { size } = await stat(file)
  expect(size).toBeGreaterThan(195_000_000)
  const { id } = await upload(file, size)
  for (;;) {
    const outcome = await stack.client.jobs.result({ params: { task_id: id }, query: { wait: 25 } })
    if (!('result' in outcome)) continue
    expect(outcome).toMatchObject({ state: 'completed', result: { records: expected.records } })
    break
  }
  const pids = [stack.api.process.pid ?? 0, ...(await children(stack.workers.process.pid ?? 0))]
  expect(pids).toHaveLength(3)
  for (const pid of pids) expect(await peakOf(pid)).toBeLessThan(LIMIT_KB)
})
