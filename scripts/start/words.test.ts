// What reaches the terminal and the log files, and how often a child may start again.
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLogFile } from './log-file.ts'
import { createRestarts } from './restarts.ts'
import { byLine, createTerminal, shown } from './terminal.ts'

test.each([
  ['{"level":"warn","msg":"slow"}', 'api: warning: slow'],
  ['{"level":"error","msg":"failed","error":{"message":"gone"}}', 'api: error: failed (gone)'],
  ['{"level":"info","msg":"fine"}', undefined],
  ['plain text', undefined],
  ['{"level":"error"', undefined],
])('of the log line %s the terminal shows %j', (line, text) => {
  expect(shown('api', line)).toBe(text)
})

test('the terminal says the same again only after 10 s', () => {
  const lines: string[] = []
  let now = 0
  const tell = createTerminal(
    (text) => void lines.push(text.slice(10)),
    () => now,
  )
  tell('a')
  tell('a')
  tell('b')
  now = 10_000
  tell('a')
  expect(lines).toEqual(['a\n', 'b\n', 'a\n'])
})

test('chunks become whole lines', () => {
  const lines: string[] = []
  const read = byLine((line) => void lines.push(line))
  for (const chunk of ['on', 'e\ntw', 'o\n\nth']) read(chunk)
  expect(lines).toEqual(['one', 'two', ''])
})

test('a log file that is full moves aside, and the one moved before goes', () => {
  const dir = mkdtempSync(join(tmpdir(), 'k1n-log-'))
  onTestFinished(() => rmSync(dir, { recursive: true }))
  const file = join(dir, 'logs', 'api.log')
  const log = openLogFile(file, 10)
  for (const text of ['first\n', 'second\n', 'third\n']) log.write(text)
  expect(readdirSync(join(dir, 'logs'))).toEqual(['api.log', 'api.log.1'])
  expect([readFileSync(file, 'utf8'), readFileSync(`${file}.1`, 'utf8')]).toEqual(['third\n', 'second\n'])
  openLogFile(file, 100).write('later\n')
  expect(readFileSync(file, 'utf8')).toBe('third\nlater\n')
})

test('a child rests longer after each death and is given up at the sixth within a minute', () => {
  const restarts = createRestarts()
  const rests = [0, 1, 2, 3, 4, 5].map((second) => restarts.next(second * 1_000))
  expect(rests).toEqual([500, 1_000, 2_000, 4_000, 8_000, undefined])
})

test('deaths that are far apart count alone', () => {
  const restarts = createRestarts()
  expect([0, 60_000, 120_000].map((at) => restarts.next(at))).toEqual([500, 500, 500])
})
