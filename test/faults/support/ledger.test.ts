// Ledgers keep every line that was confirmed, and are read whatever became of their writer.
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test as base } from 'vitest'
import type { Ack } from './evidence.ts'
import { openAckLedger, readAcks, readExecutions } from './ledger.ts'
import type { ExecutionLine } from './ledger.ts'

const test = base.extend<{ path: string }>({
  path: async ({}, use) => {
    const dir = mkdtempSync(join(tmpdir(), 'k1n-ledger-'))
    await use(join(dir, 'ledger'))
    rmSync(dir, { recursive: true })
  },
})
const accepted = (n: number): Ack => ({ key: `k${n}`, told: 'accepted', id: `t_${n}`, at: n })

test('every confirmed line is there, also of many at once', async ({ path }) => {
  const ledger = openAckLedger(path)
  const acks = Array.from({ length: 200 }, (_, n) => accepted(n))
  await Promise.all(acks.map((ack) => ledger.write(ack)))
  expect(readAcks(path)).toEqual(acks)
  await ledger.close()
})

test('the last word on a key counts', async ({ path }) => {
  const ledger = openAckLedger(path)
  await ledger.write({ key: 'k1', told: 'unknown', at: 1 })
  await ledger.write(accepted(1))
  await ledger.close()
  expect(readAcks(path)).toEqual([accepted(1)])
})

test('a line torn by a crash is left out and the rest is read', ({ path }) => {
  const write = (line: ExecutionLine): void => appendFileSync(path, JSON.stringify(line) + '\n')
  const about = { id: 't_1', key: 'k1', attempt: 1, pid: 7 }
  write({ at: 5, run: 'a', begins: about })
  write({ at: 6, run: 'b', begins: about })
  write({ at: 9, run: 'a', ends: 'done' })
  appendFileSync(path, '{"at":10,"run":"b","en')
  expect(readExecutions(path)).toEqual([
    { run: 'a', ...about, startedAt: 5, endedAt: 9, how: 'done' },
    { run: 'b', ...about, startedAt: 6 },
  ])
})

test('a ledger that nobody wrote is empty', ({ path }) => {
  expect(readAcks(path)).toEqual([])
  expect(readExecutions(path)).toEqual([])
})
