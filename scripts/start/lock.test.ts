// One run at a time on a data directory, and no dead run in the way of the next.
import { mkdtempSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { takeLock } from './lock.ts'

let dir: string
const file = () => join(dir, 'lock')
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'k1n-lock-'))
})
afterEach(() => {
  rmSync(dir, { recursive: true, force: true })
})
const take = (lives: boolean) => takeLock(dir, () => lives)
const taken = (lives = true) => {
  const attempt = take(lives)
  if (!attempt.taken) throw new Error('the lock is held')
  return attempt
}

test('a second run learns who holds the lock and where', () => {
  taken().lock.tell('http://127.0.0.1:3000')
  expect(take(true)).toMatchObject({ taken: false, holder: { pid: process.pid, url: 'http://127.0.0.1:3000' } })
})

test('a released lock can be taken again', () => {
  taken().lock.release()
  expect(existsSync(file())).toBe(false)
  expect(taken().wasStale).toBe(false)
})

test('the lock of a run that died is taken over', () => {
  writeFileSync(file(), JSON.stringify({ pid: 4711, since: '2026-11-22T00:00:00.000Z' }))
  expect(taken(false).wasStale).toBe(true)
  expect(JSON.parse(readFileSync(file(), 'utf8'))).toMatchObject({ pid: process.pid })
})

test('a process that got the id of a dead run does not count as that run', () => {
  writeFileSync(file(), JSON.stringify({ pid: process.ppid, since: '2026-11-22T00:00:00.000Z' }))
  expect(takeLock(dir)).toMatchObject({ taken: true, wasStale: true })
})

test.each(['', '{"pid":', '{"pid":"x"}'])('a lock that says nothing (%j) is taken over', (text) => {
  writeFileSync(file(), text)
  expect(taken().wasStale).toBe(true)
})

test('a run whose lock was taken over does not release the new one', () => {
  const { lock } = taken()
  writeFileSync(file(), JSON.stringify({ pid: process.pid + 1, since: '2026-11-22T00:00:00.000Z' }))
  lock.release()
  expect(existsSync(file())).toBe(true)
})
