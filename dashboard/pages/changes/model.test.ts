// Whoever comes back reads what matters first, and hands the same over as Markdown.
import { expect, test } from 'vitest'
import type { Changes } from '../../../shared/changes/contract.ts'
import { routes } from '../../routes.ts'
import { markdownOf } from './markdown.ts'
import { isQuiet, leadWords, leftOutWords, limitWords, partsOf, quietTitle, quietWords, shownParts } from './model.ts'
import { askedOf } from './since.ts'

const now = Date.parse('2026-11-27T14:02:00Z')
const telling = { now, zone: 'UTC' }
const at = (time: string): string => `2026-11-27T${time}:00.000Z`
const none = { total: 0, complete: true, from: at('09:50'), data: [] }
const quiet: Changes = {
  ...{ since: at('09:50'), until: at('14:02'), alerts: none, dead_letters: none, breakers: none, slow_downs: none },
  ...{ schedules: none, settings: none, operations: none, notes: none, left_out: [] },
}
const some = <Item>(...data: Item[]) => ({ ...none, total: data.length, data })

type Of<Name extends 'alerts' | 'dead_letters'> = NonNullable<Changes[Name]>['data'][number]
const alert: Of<'alerts'>['alert'] = {
  id: 'a1',
  rule_id: 'no_worker',
  state: 'firing',
  severity: 'critical',
  title: 'mail has no worker',
  subject: { kind: 'queue', id: 'mail', label: 'mail', queue: 'mail' },
  worst: 12,
  unit: 'jobs',
  fired_at: at('10:22'),
  resolved_at: null,
  silence: null,
  acknowledged: { by: 'Ada', at: at('10:25'), note: 'restarting' },
}
const group: Of<'dead_letters'>['group'] = {
  id: 'g1',
  title: 'mailbox [full](http://evil) | *now*',
  state: 'new',
  open: 3,
  total: 4,
  growing: true,
  assignee: null,
  note: null,
  first_seen: at('11:00'),
  last_seen: at('12:00'),
}
const busy: Changes = {
  ...quiet,
  alerts: some({ at: at('10:22'), change: 'fired', alert }),
  dead_letters: some({ at: at('11:00'), change: 'appeared', appeared: true, group, queues: ['mail'], by: null, reason: null }), // prettier-ignore
  breakers: some({ at: at('12:00'), service: 'smtp', before: 'closed', state: 'closed', opened: 2, held_ms: 240_000, by: null, reason: null }), // prettier-ignore
  slow_downs: some({ queue: 'mail', name: 'send', p95_ms: 4_000, before_ms: 1_000, runs: 412 }),
  schedules: some({ at: at('13:00'), change: 'missed', schedule_id: 'nightly', name: null, until: null, slots: 5, why: 'missed', by: null, reason: null }), // prettier-ignore
  settings: {
    ...{ total: 213, complete: false, from: at('12:30') },
    data: [
      {
        ...{ id: '1-0', at: at('12:30'), action: 'editService', target: { kind: 'service', id: 'smtp' } },
        ...{ by: 'Bo', reason: 'too slow', more: 1, outcome: 'done' },
        members: [{ path: 'breaker.open_ms', before: '1000', after: '5000' }],
      },
    ],
  },
}

test('each thing is one line, with what became of it, who did it, and where it leads', () => {
  const lines = partsOf(busy, telling).flatMap((part) => part.lines.map((line) => [line.state, line.title, [...line.detail, line.by].filter(Boolean).join(' · '), line.to.page])) // prettier-ignore
  expect(lines).toEqual([
    ['firing', 'mail has no worker', 'critical · worst 12 jobs · Acknowledged by Ada: restarting', 'queue'],
    ['new', group.title, '3 dead letters now, 4 in all · in mail · growing', 'deadLetterGroup'],
    ['closed', 'smtp', 'opened twice · held calls back for 4 min', 'breaker'],
    ['late', 'send in mail', '95 % of 412 runs within 4.0 s, before within 1.0 s · 4.0 × as long', 'timeline'],
    ['late', 'nightly', '5 slots · nobody could carry it out in time', 'schedule'],
    [undefined, 'Edit service: smtp', 'breaker.open_ms 1000 → 5000 · and 1 member more · by Bo: too slow', 'service'],
  ])
})

test('every line leads to a route with the parameters that it wants', () => {
  for (const { to } of partsOf(busy, telling).flatMap(({ lines }) => lines))
    expect(routes[to.page].path.match(/:\w+/g)?.map((name) => name.slice(1)) ?? []).toEqual(Object.keys(to.params ?? {})) // prettier-ignore
})

test('what matters is said first, and that there is no trouble where there is none', () => {
  expect(leadWords(busy)).toBe(
    '1 alert fired and still does; 1 cause of dead letters appeared or came back; 1 kind of job takes longer; 1 schedule missed slots. At least 218 changes in all.',
  )
  expect(leadWords({ ...quiet, breakers: busy.breakers })).toBe('Nothing of it is trouble: 1 change.')
})

test('what is counted in lines that are cut is at least so much', () => {
  const cut = { ...quiet, alerts: { ...some({ at: at('10:22'), change: 'fired' as const, alert }), total: 40 } }
  expect(leadWords(cut)).toBe('At least 1 alert fired and still does. 40 changes in all.')
  const over = { ...alert, state: 'resolved' as const, resolved_at: at('11:00') }
  const ended = { ...quiet, alerts: { ...some({ at: at('10:22'), change: 'fired' as const, alert }, { at: at('11:00'), change: 'resolved' as const, alert: over }), total: 40 } } // prettier-ignore
  expect(leadWords(ended)).toBe('1 alert fired and still does. 40 changes in all.')
})

test('what is kept for a part of the time only, or may not be seen, is not said to be quiet', () => {
  const since = Date.parse(quiet.since)
  const parts = partsOf({ ...quiet, operations: { ...none, from: at('13:00') } }, telling)
  expect(quietWords(parts, since)).not.toContain('operations')
  expect(shownParts(parts, since).map(({ name }) => name)).toEqual(['operations'])
  expect(quietTitle(parts, since, telling)).toBe('Nothing changed since 09:50:00, 4 h ago, as far as was looked.')
  expect(quietTitle(partsOf(quiet, telling), since, telling)).toBe('Nothing changed since 09:50:00, 4 h ago.')
  expect(quietTitle([], since, telling)).toBe('Nothing of what changed may be told to you.')
})

test('a section that is cut says how much of it is there and how far back it was looked', () => {
  const words = partsOf(busy, telling).map((part) => limitWords(part, Date.parse(busy.since), telling))
  expect(words.slice(0, 5)).toEqual(['', '', '', '', ''])
  expect(words[5]).toBe('1 of at least 213 are shown. Looked through back to 12:30:00 only. ')
  const short = partsOf({ ...quiet, slow_downs: { ...none, from: at('13:00') } }, telling)
  expect(short.map((part) => limitWords(part, Date.parse(quiet.since), telling)).join('')).toBe('Known since 13:00:00; no more is kept. ') // prettier-ignore
})

test('a quiet time says what was looked at, and what could not be', () => {
  const parts = partsOf({ ...quiet, settings: null, notes: null }, telling)
  expect(isQuiet(parts)).toBe(true)
  expect(quietWords(parts, Date.parse(quiet.since))).toBe('Looked at, and nothing changed: alerts, causes of dead letters, breakers, slow-downs, schedules and operations that ended.') // prettier-ignore
  expect(leftOutWords({ ...quiet, left_out: [{ section: 'settings', needs: 'audit:read' }] })).toEqual(['Settings (needs audit:read)']) // prettier-ignore
})

test('the handover says the same, and text of strangers stays text', () => {
  const text = markdownOf(
    busy,
    { of: (to) => `http://k1n/${to.page}?a=(b)`, self: 'http://k1n/changes' },
    telling,
    'UTC',
  )
  expect(text.split('\n').slice(0, 9)).toEqual([
    '# What changed, 27 Nov 2026, 09:50:00 to 27 Nov 2026, 14:02:00',
    '',
    expect.stringMatching(/^1 alert fired and still does;/),
    '',
    '[Open these changes](http://k1n/changes). Times in UTC.',
    '',
    '## Alerts (1)',
    '',
    '- **Firing** [mail has no worker](http://k1n/queue?a=%28b%29), 27 Nov 2026, 10:22:00: critical; worst 12 jobs; Acknowledged by Ada: restarting',
  ])
  expect(text).toContain(String.raw`[mailbox \[full\](http://evil) \| \*now\*](http://k1n/deadLetterGroup`)
  expect(text).toContain('## Settings (at least 213)')
  expect(text).toContain('1 of at least 213 are shown. Looked through back to 12:30:00 only.')
  expect(text).toContain('Looked at, and nothing changed: operations that ended and notes.')
})

test('since when is as the link says, or else since whoever looks had looked before', () => {
  const ask = (search: string, before: string | null = at('09:50')) => {
    const params = new URLSearchParams(search)
    const { choice, since, until, isFirst } = askedOf((name) => params.get(name) ?? undefined, { now, zone: 'Europe/Berlin', before }) // prettier-ignore
    return [choice, new Date(since).toISOString(), until, isFirst]
  }
  expect(ask('')).toEqual(['looked', at('09:50'), undefined, false])
  expect(ask('', null)).toEqual(['looked', at('06:02'), undefined, true])
  expect(ask('since=today')).toEqual(['today', at('08:00'), undefined, false])
  expect(ask('since=8h')).toEqual(['8h', at('06:02'), undefined, false])
  expect(ask(`since=${at('10:00')}&until=${at('11:00')}`)).toEqual(['moment', at('10:00'), Date.parse(at('11:00')), false]) // prettier-ignore
  // What makes no sense is as if it were not there.
  for (const search of ['since=nonsense', `since=${at('15:00')}`, `since=${at('10:00')}&until=${at('09:00')}`]) expect(ask(search)[0]).toBe('looked') // prettier-ignore
  const early = Date.parse('2026-11-27T06:00:00Z')
  const morning = askedOf((name) => (name === 'since' ? 'today' : undefined), { now: early, zone: 'Europe/Berlin', before: null }) // prettier-ignore
  expect(new Date(morning.since).toISOString()).toBe('2026-11-26T08:00:00.000Z')
})
