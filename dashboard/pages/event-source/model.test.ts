// One source: the sentence above it must say why it refuses, and a change must ask for what was changed only.
import { expect, test } from 'vitest'
import type { EventSource } from '../../../shared/inbound/contract.ts'
import { draftOf, readForm } from '../event-source-new/form.ts'
import { factsOf, fieldNames, patchOf, secretWords, standingLine, tellsWords } from './model.ts'

const NOW = Date.UTC(2026, 10, 22, 10, 30)
const ago = (minutes: number): string => new Date(NOW - minutes * 60_000).toISOString()
const source: EventSource = {
  id: 'src_1',
  name: 'Shop',
  enabled: true,
  verify: { scheme: 'github' },
  emit: { event: 'github', append: { header: 'X-GitHub-Event' } },
  path: '/hooks/src_1',
  secrets: [{ hint: 'f9a1', expires_at: null }],
  received: 4,
  duplicates: 0,
  refused: 1,
  last_received_at: ago(5),
  last_event_id: 'e',
  last_refusal: { at: ago(8), reason: 'wrong_time' },
  created_at: ago(99),
  created_by: 'ada',
  updated_at: ago(99),
  version: 1,
}

test('the sentence says how it fares, and why the last delivery was refused', () => {
  expect(standingLine(source, NOW, 'UTC')).toBe('The last delivery came 5 min ago.')
  expect(standingLine({ ...source, last_received_at: ago(9) }, NOW, 'UTC')).toMatch(
    /^Refusing: what came at 10:22:00 was refused because it was signed too long ago.*\. The last one taken came 9 min ago\.$/,
  )
  expect(standingLine({ ...source, last_received_at: ago(9) }, NOW + 86_400_000, 'UTC')).toMatch(
    /^Refusing: what came at 22 Nov 2026, 10:22:00 was refused/,
  )
  expect(standingLine({ ...source, enabled: false, last_received_at: null }, NOW, 'UTC')).toBe(
    'Paused: everything that comes is refused. Nothing came through it yet.',
  )
})

test('a secret says for how long it is taken', () => {
  expect(secretWords({ hint: 'f9a1', expires_at: null }, NOW)).toBe('…f9a1 is taken.')
  expect(secretWords({ hint: '0c2e', expires_at: ago(-90) }, NOW, 'UTC')).toBe(
    '…0c2e is taken beside it until 12:00:00, in 1 h.',
  )
  expect(secretWords({ hint: '0c2e', expires_at: ago(1) }, NOW)).toBe('…0c2e is taken no more.')
})

test('it says what deliveries are told as', () => {
  expect(tellsWords(source)).toBe('webhook.received and github.<X-GitHub-Event>')
  expect(tellsWords({ emit: null })).toBe('webhook.received')
  expect(factsOf(source).map(({ label }) => label)).toContain('Told as')
})

test('a save asks for what was changed only', () => {
  const change = (more: Record<string, string>) => {
    const draft = { ...draftOf(source), ...more }
    return patchOf(draft, source, readForm(draft))
  }
  expect(change({})).toEqual({})
  expect(change({ name: 'Store' })).toEqual({ name: 'Store' })
  expect(change({ tells: 'nothing' })).toEqual({ emit: null })
  expect(fieldNames(['event', 'append', 'name'])).toBe('what it is told as, the name')
})
