// What the audit asks for and says.
import { expect, test } from 'vitest'
import type { AuditEntry } from '../../../shared/audit/contract.ts'
import { diffOf } from '../../../shared/audit/words.ts'
import { routes } from '../../routes.ts'
import { actionWords, askedOf, changeWords, csvOf, kinds, narrowings, pageOf, pageQuery, queryOf } from './model.ts'

const now = Date.parse('2026-11-27T10:00:00Z')
const asked = (search: string) => {
  const params = new URLSearchParams(search)
  return askedOf((name) => params.get(name) ?? undefined)
}

test('filters and time come from the link; without them all that is kept is asked for', () => {
  expect(queryOf(asked(''), now)).toEqual({})
  expect(queryOf(asked('actor=key_1&kind=job&target=t_1&log=work&t=1h'), now)).toEqual({
    log: 'work',
    actor: ['key_1'],
    kind: ['job'],
    target: 't_1',
    from: '2026-11-27T09:00:00.000Z',
  })
  expect(queryOf(asked('t=nonsense'), now)).toEqual({})
  expect(queryOf(asked('from=2026-11-27T08:00:00Z&to=2026-11-27T09:00:00Z'), now)).toEqual({
    from: '2026-11-27T08:00:00.000Z',
    to: '2026-11-27T09:00:00.000Z',
  })
})

test('all pages of a list are of the span that the first one was asked for', () => {
  const first = pageQuery(asked('t=1h'), 50, now)
  expect(first).toEqual({ from: '2026-11-27T09:00:00.000Z', limit: 50 })
  expect(pageQuery(asked('t=1h'), 50, now + 9_000, { now, next: 'c1' })).toEqual({ ...first, cursor: 'c1' })
})

test('each filter can be dropped by itself', () => {
  expect(narrowings(asked('actor=system&action=editApiKey&t=1h'), '1 h')).toEqual([
    { label: 'by system', params: ['actor'] },
    { label: 'Edit API key', params: ['action'] },
    { label: 'last 1 h', params: ['t', 'from', 'to'] },
  ])
  expect(narrowings(asked(''), '1 h')).toEqual([])
})

const entry: AuditEntry = {
  id: '1-0',
  at: '2026-11-27T10:00:00.000Z',
  actor: { kind: 'session', id: 'key_1', name: 'Ada' },
  action: 'editSchedule',
  target: { kind: 'schedule', id: 'nightly' },
  before: { name: 'Nightly', trigger: { every_ms: 1_000 }, tags: ['a'] },
  after: { name: 'Nightly', trigger: { every_ms: 2_000, jitter_ms: 5 }, tags: ['a'] },
  reason: '=cmd|"x"',
  request_id: 'req_1',
  ip: null,
  outcome: 'done',
}

test('a change is told member by member, and what stayed is left out', () => {
  const changes = diffOf(entry)
  expect(changes).toEqual([
    { path: 'trigger.every_ms', before: '1000', after: '2000' },
    { path: 'trigger.jitter_ms', before: undefined, after: '5' },
  ])
  expect(changeWords(entry, changes)).toBe('trigger.every_ms, trigger.jitter_ms')
  expect(changeWords({ ...entry, before: null }, diffOf({ ...entry, before: null }))).toBe('new: 4 members')
  expect(changeWords({ ...entry, after: null }, diffOf({ ...entry, after: null }))).toBe('gone: 3 members')
  expect(changeWords(entry, [])).toBe('nothing that is shown')
})

test('an entry leads to a page whose path takes its parameters', () => {
  expect(pageOf(entry.target)).toEqual({ page: 'schedule', params: { id: 'nightly' } })
  expect(pageOf({ kind: 'schedule', id: null })).toBeUndefined()
  for (const kind of kinds) {
    const found = pageOf({ kind, id: 'x' })
    if (found) expect(routes[found.page].path, kind).toContain(`:${Object.keys(found.params)[0] ?? ''}`)
  }
})

test('a file holds no formulas', () => {
  expect(csvOf([entry]).split('\r\n')[1]).toContain(`"'=cmd|""x"""`)
  expect(actionWords('purgeDlqGroup')).toBe('Purge dead letter group')
})
