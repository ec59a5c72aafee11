// A line for each fact, whatever it holds, and no credential in any.
import { expect, test } from 'vitest'
import { generateKey } from './api-key.ts'
import { createLog } from './log.ts'
import type { LogLevel } from './log.ts'

const lines = (level: LogLevel = 'debug') => {
  const written: string[] = []
  return { written, log: createLog(level, (line) => written.push(line)) }
}

test('lines below the level are left out', () => {
  const { written, log } = lines('warn')
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level)
  expect(written.map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['warn', 'error'])
})

test('fields given once are on every line, and errors tell their name, message and stack', () => {
  const { written, log } = lines()
  log.with({ queue: 'mail' }).warn('it failed', { error: new TypeError('no') })
  expect(JSON.parse(written[0] ?? '')).toMatchObject({
    level: 'warn',
    msg: 'it failed',
    queue: 'mail',
    error: { name: 'TypeError', message: 'no', stack: expect.stringContaining('log.test') as string },
  })
})

test.each([
  ['a key', generateKey('sk')],
  ['a signing secret', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'],
  ['a ticket', 'tkt_abc-DEF_123'],
])('%s never reaches a line', (_what, secret) => {
  const { written, log } = lines()
  log.info(`asked with ${secret}`, { deep: { header: `Bearer ${secret}` } })
  expect(written[0]).not.toContain(secret)
})

test('the password of an address never reaches a line', () => {
  const { written, log } = lines()
  log.error('down', { url: 'redis://k1n:hunter2@redis:6379/0' })
  expect(written[0]).toContain('redis://k1n:[redacted]@redis:6379/0')
})

test('what JSON cannot say is told all the same', () => {
  const { written, log } = lines()
  const ring: Record<string, unknown> = { size: 10n }
  ring['self'] = ring
  log.info('odd', { size: 10n })
  log.info('round', { ring })
  expect(JSON.parse(written[0] ?? '')).toMatchObject({ msg: 'odd', size: '10' })
  expect(JSON.parse(written[1] ?? '')).toMatchObject({ msg: 'round', unsaid: expect.any(String) as string })
})
