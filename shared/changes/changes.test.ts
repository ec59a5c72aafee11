// Whoever comes back is told what changed since, each thing once, with who did it and why, and nothing they may not see.
import type { Alert } from '../alerts/contract.ts'
import type { AuditEntry } from '../audit/contract.ts'
import type { DlqGroup } from '../triage/contract.ts'
import { countRuns } from '../../test/support/alerts.ts'
import { vi } from 'vitest'
import { describe, expect, person, problemOf, test as base } from '../../test/support/rooms.ts'
import { runsKey } from '../metrics/run-counts.ts'
import { HALF_HOUR_MS, slotNo } from '../metrics/slots.ts'
import { createChanges } from './changes.ts'
import type { ChangesQuery, ChangesRoom } from './changes.ts'
import type { Changes } from './contract.ts'
import type { ChangeSources } from './sources.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

/** Rooms in which nothing happened. */
const quiet = (): ChangeSources => {
  const page = <Item>(data: Item[] = []) => ({ data, page: { limit: 200, has_more: false, next_cursor: null, prev_cursor: null } }) // prettier-ignore
  return {
    alerts: { changed: async () => [] },
    triage: { changed: async () => [] },
    breakers: { timeline: async ({ from, to }) => ({ from, to, services: [], truncated: false }) },
    audit: { list: async () => page() },
    schedules: { list: async () => page() },
    scheduleRuns: { passedOver: async (_principal, { from }) => ({ runs: [], complete: true, from }) },
    operations: { list: async () => page() },
    timeline: { notes: async () => [] },
  }
}
const pageOf = <Item>(data: Item[], next: string | null = null) => ({
  data,
  page: { limit: 200, has_more: next !== null, next_cursor: next, prev_cursor: null },
})

interface World {
  sources: ChangeSources
  changes: ChangesRoom
  /** So many minutes ago. */
  ago: (minutes: number) => string
  told: (query?: Partial<ChangesQuery>) => Promise<Changes>
}

const test = base.extend<World>({
  sources: async ({}, use) => use(quiet()),
  changes: async ({ kernel, sources }, use) => use(createChanges(kernel, sources)),
  ago: async ({ clock }, use) => use((minutes) => new Date(clock.now() - minutes * MINUTE).toISOString()),
  told: async ({ changes, me, ago }, use) =>
    use((query = {}) => changes.list(me, { since: ago(60), limit: 50, ...query })),
})

const alertOf = (more: Partial<Alert>): Alert => ({
  ...{ id: 'alert_1', rule_id: 'no_worker', state: 'firing', severity: 'warning', title: 'mail has no worker' },
  subject: { kind: 'queue', id: 'mail', label: 'mail', queue: 'mail' },
  ...{ value: 1, worst: 1, threshold: 0, unit: 'jobs', samples: null, since: '', clear_since: null, silence: null },
  ...{ fired_at: null, resolved_at: null, acknowledged: null, version: 1 },
  ...more,
})

const groupOf = (more: Partial<DlqGroup>): DlqGroup => ({
  ...{ id: 'g1', title: 'boom', state: 'new', state_since: null, ignore_until: null, assignee: null, note: null },
  ...{ first_seen: '', last_seen: '', open: 3, total: 4, last_hour: 0, growing: false, trend: [], version: 0 },
  ...{ queues: [{ queue: 'mail', open: 3 }], names: [], error_names: [], versions: [], fingerprints: [] },
  sample: { dlq_id: 'x', task_id: 'y' },
  ...more,
})

const entryOf = (more: Partial<AuditEntry>): AuditEntry => ({
  ...{ id: '1-0', at: '', action: 'editService', target: { kind: 'service', id: 'smtp' }, reason: null },
  actor: { kind: 'session', id: 'key_1', name: 'Ada' },
  ...{ before: null, after: null, request_id: null, ip: null, outcome: 'done' },
  ...more,
})

describe('changes', () => {
  test('of a quiet time are none, and say from when on it was looked', async ({ told, ago }) => {
    const found = await told()
    const none = { total: 0, complete: true, from: ago(60), data: [] }
    expect(found).toMatchObject({ since: ago(60), until: ago(0), alerts: none, settings: none, slow_downs: none })
    expect(found.left_out).toEqual([])
  })

  test('tell alerts that fire before those that are over, critical ones first, each once', async ({ sources, told, ago }) => {
    sources.alerts.changed = async () => [
      alertOf({ id: 'old', fired_at: ago(90) }),
      alertOf({ id: 'over', state: 'resolved', fired_at: ago(50), resolved_at: ago(40) }),
      alertOf({ id: 'warns', fired_at: ago(5) }),
      alertOf({ id: 'worse', severity: 'critical', fired_at: ago(30) }),
      alertOf({ id: 'never', state: 'resolved', resolved_at: ago(10) }),
    ]
    const { alerts } = await told()
    expect(alerts?.data.map(({ alert, change }) => `${alert.id} ${change}`)).toEqual(['worse fired', 'warns fired', 'over resolved']) // prettier-ignore
    // As it was at another time.
    const before = await told({ since: ago(100), until: ago(45) })
    expect(before.alerts?.data.map(({ alert, change }) => `${alert.id} ${change}`)).toEqual(['old fired', 'over fired']) // prettier-ignore
  }) // prettier-ignore

  test('say who decided about a cause and why, once, and that it came back by itself', async ({ sources, told, ago }) => {
    sources.triage.changed = async () => [
      groupOf({ id: 'gone', state: 'resolved', state_since: ago(20), first_seen: ago(5_000) }),
      groupOf({ id: 'new', first_seen: ago(10) }),
      groupOf({ id: 'back', state: 'regressed', state_since: ago(30), first_seen: ago(9_000) }),
    ]
    const about = (id: string) => ({ target: { kind: 'dead_letter_group', id }, action: 'updateDlqGroup' })
    sources.audit.list = async () =>
      pageOf([
        entryOf({ id: '3-0', at: ago(20), ...about('gone'), reason: 'fixed in 1.2' }),
        entryOf({ id: '2-0', at: ago(30), ...about('back') }),
        entryOf({ id: '1-0', at: ago(40), target: { kind: 'job', id: 'mail:1' }, action: 'cancelJob' }),
      ])
    const { dead_letters, settings } = await told()
    expect(dead_letters?.data.map(({ group, change, appeared, by, reason }) => [group.id, change, appeared, by, reason])).toEqual([
      ['back', 'regressed', false, null, null],
      ['new', 'appeared', true, null, null],
      ['gone', 'resolved', false, 'Ada', 'fixed in 1.2'],
    ]) // prettier-ignore
    expect(settings?.data.map(({ id }) => id)).toEqual(['2-0'])
  }) // prettier-ignore

  test('tell a breaker by where it is now, how often it opened, and for how long', async ({ sources, told, ago }) => {
    const states = ['closed', 'open', 'half_open', 'open', 'half_open', 'closed', 'forced_open'] as const
    const pieces = states.map((state, n) => {
      const [from, to] = [ago(60 - 10 * n), ago(50 - 10 * n)]
      return { from, to, duration_ms: 10 * MINUTE, state }
    })
    const still = [{ from: ago(60), to: ago(0), duration_ms: HOUR, state: 'open' as const }]
    sources.breakers.timeline = async ({ from, to }) => ({ from, to, services: [{ service: 'smtp', pieces: pieces.slice(0, 6) }, { service: 'api', pieces }, { service: 'same', pieces: still }], truncated: true }) // prettier-ignore
    const held = { target: { kind: 'breaker', id: 'api' }, action: 'forceBreakerOpen', reason: 'maintenance' }
    sources.audit.list = async () => pageOf([entryOf({ at: ago(0), ...held })])
    const { breakers, settings } = await told()
    expect(breakers).toMatchObject({ total: 2, complete: false })
    expect(breakers?.data).toMatchObject([
      { service: 'api', state: 'forced_open', opened: 2, by: 'Ada', reason: 'maintenance' },
      { service: 'smtp', before: 'closed', state: 'closed', opened: 1, held_ms: 40 * MINUTE, by: null },
    ])
    expect(settings?.total).toBe(0)
  })

  test('tell what differs of a setting in short, and how much more', async ({ sources, told, ago }) => {
    const members = (value: string) => Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => [name, value]))
    sources.audit.list = async () =>
      pageOf([entryOf({ at: ago(1), before: members('1'), after: members('x'.repeat(100)), reason: 'too slow' })])
    const [line] = (await told()).settings?.data ?? []
    expect(line).toMatchObject({ by: 'Ada', reason: 'too slow', more: 2, members: [{ path: 'a', before: '1' }, {}, {}, {}] }) // prettier-ignore
    expect(line?.members[0]?.after).toHaveLength(80)
  })

  test('tell schedules that stand still or missed slots, and operations that ended', async ({ sources, told, ago }) => {
    const schedule = { id: 'nightly', name: 'Nightly', orphaned_at: null, paused: { by: 'Bo', reason: 'holidays', at: ago(9), until: null } } // prettier-ignore
    sources.schedules.list = async () => pageOf([schedule, { ...schedule, id: 'lost', orphaned_at: ago(8) }] as never)
    const run = (id: string, skipped: string | null, slots: number) => ({ schedule_id: id, skipped, slots, scheduled_for: ago(5), until: null }) // prettier-ignore
    const runs = [run('hourly', 'missed', 2), run('hourly', 'missed', 3), run('hourly', 'overlap', 1)] as never
    sources.scheduleRuns.passedOver = async (_principal, { from }) => ({ runs, complete: true, from })
    const operation = { id: 'op_1', kind: 'dlq.resubmit', status: 'succeeded', finished_at: ago(3), created_at: ago(4) }
    sources.operations.list = async () => pageOf([operation, { ...operation, id: 'op_2', status: 'failed', finished_at: ago(30) }, { ...operation, id: 'op_3', finished_at: null }] as never) // prettier-ignore
    const { schedules, operations } = await told()
    expect(schedules?.data.map(({ schedule_id, change, slots, by, reason }) => [schedule_id, change, slots, by, reason])).toEqual([
      ['hourly', 'missed', 5, null, null],
      ['lost', 'orphaned', null, null, null],
      ['nightly', 'paused', null, 'Bo', 'holidays'],
    ]) // prettier-ignore
    expect(operations?.data.map(({ id }) => id)).toEqual(['op_2', 'op_1'])
  })

  test('are counted as they are, and say how far back they were looked through when that is not all', async ({ sources, told, ago }) => {
    const entries = Array.from({ length: 10 }, (_, n) => entryOf({ id: `${10 - n}-0`, at: ago(n), before: {}, after: {} }))
    const list = vi.fn<ChangeSources['audit']['list']>(async () => pageOf(entries, 'more'))
    sources.audit.list = list
    const { settings } = await told({ limit: 3 })
    expect(settings).toMatchObject({ total: 10, complete: false, from: ago(9) })
    expect(list).toHaveBeenCalledTimes(1)
    expect(settings?.data).toHaveLength(3)
  }) // prettier-ignore

  test('are told as far as somebody may see them, and what they lack is said', async ({ sources, changes, ago }) => {
    const refuse = () => Promise.reject(new Error('asked'))
    sources.audit.list = sources.alerts.changed = sources.timeline.notes = refuse
    const found = await changes.list(person({ scopes: ['jobs:read', 'recovery:read', 'audit:read', 'schedules:read', 'operations:read'], queues: ['mail'] }), { limit: 5 }) // prettier-ignore
    expect(found).toMatchObject({ since: ago(8 * 60), alerts: null, settings: null, notes: null, slow_downs: null })
    expect(found.left_out).toEqual([
      { section: 'alerts', needs: 'alerts:read' },
      { section: 'slow_downs', needs: 'metrics:read' },
      { section: 'settings', needs: 'all queues' },
      { section: 'notes', needs: 'all queues' },
    ])
  })

  test('of a time that ends before it begins are refused', async ({ told, ago }) => {
    const refused = await problemOf(told({ since: ago(10), until: ago(20) }))
    expect(refused.code).toBe('invalid-parameter')
    // Of a time to come there is nothing yet.
    expect(await told({ since: ago(-1) })).toMatchObject({ since: ago(0), until: ago(0) })
    // More than is kept anywhere is told from there on.
    expect((await told({ since: ago(100 * 24 * 60) })).since).toBe(ago(31 * 24 * 60))
  })

  test('do not call a time quiet that is not told of', async ({ told, ago }) => {
    const gone = await told({ since: ago(40 * 24 * 60), until: ago(32 * 24 * 60) })
    expect(gone.alerts).toMatchObject({ total: 0, complete: false })
    expect(gone.settings).toMatchObject({ total: 0, complete: false })
  })

  test('say how far back operations were looked through when there are more', async ({ sources, told, ago }) => {
    const operation = { id: 'op_1', kind: 'dlq.resubmit', status: 'succeeded', finished_at: ago(3), created_at: ago(4) }
    sources.operations.list = async () => pageOf([operation, { ...operation, id: 'op_2', created_at: ago(20) }] as never, 'more') // prettier-ignore
    expect((await told()).operations).toMatchObject({ total: 2, complete: false, from: ago(20) })
  })
})

describe('slow-downs', () => {
  const runs = (queue: string) => ({ queue, name: 'send' })

  test('are told against the time before, in the queues somebody may see', async ({ kernel, changes, me, ago, clock }) => {
    for (const queue of ['mail', 'other', 'same']) await countRuns(kernel, runs(queue), 100, 100, clock.now() - 3 * HOUR)
    for (const queue of ['mail', 'other']) await countRuns(kernel, runs(queue), 400, 20)
    await countRuns(kernel, runs('same'), 110, 20)
    await countRuns(kernel, { queue: 'mail', name: 'new' }, 900, 20)
    for (const minutes of [30, 100]) {
      const of = async (queues: string[]) => (await changes.list({ ...me, queues }, { since: ago(minutes), limit: 50 })).slow_downs // prettier-ignore
      expect((await of(['mail']))?.data).toMatchObject([{ queue: 'mail', name: 'send', runs: 20 }])
      const all = await of(['*'])
      expect(all?.data.map(({ queue }) => queue)).toEqual(['mail', 'other'])
      expect(all?.data[0]?.p95_ms).toBeGreaterThan(390)
      expect(all?.data[0]?.before_ms).toBeLessThan(130)
    }
  }) // prettier-ignore

  test('of a whole day are read in a few round trips, one slot after the other only where much is counted', async ({ kernel, told, ago, clock }) => {
    for (let hour = 2; hour < 24; hour++) await countRuns(kernel, runs('mail'), 100, 10, clock.now() - hour * HOUR)
    await countRuns(kernel, runs('mail'), 400, 20)
    const pipelines = vi.spyOn(kernel.redis, 'pipeline')
    expect((await told({ since: ago(90) })).slow_downs?.total).toBe(1)
    // How long they are and what is in them, for the time and for that before.
    expect(pipelines).toHaveBeenCalledTimes(4)
    pipelines.mockClear()
    const [long, longer] = [20, 21].map((back) => runsKey(kernel, slotNo(clock.now() - back * HALF_HOUR_MS, HALF_HOUR_MS), HALF_HOUR_MS)) // prettier-ignore
    for (const key of [long, longer]) await kernel.redis.hset(key ?? '', Object.fromEntries(Array.from({ length: 3_000 }, (_, n) => [`mail:n${n}|1`, 1]))) // prettier-ignore
    await clock.advance(2 * MINUTE)
    await told({ since: ago(90) })
    expect(pipelines.mock.calls.length).toBeGreaterThan(4)
    pipelines.mockRestore()
  }) // prettier-ignore

  test('of a few runs are none, and days ago nothing is counted', async ({ kernel, told, ago, clock }) => {
    await countRuns(kernel, runs('mail'), 100, 100, clock.now() - 25 * HOUR)
    await countRuns(kernel, runs('mail'), 400, 19)
    expect((await told()).slow_downs?.data).toEqual([])
    await countRuns(kernel, runs('mail'), 400, 1)
    await clock.advance(2 * MINUTE)
    expect((await told({ since: ago(90) })).slow_downs?.total).toBe(1)
    expect((await told({ since: ago(3 * 24 * 60) })).slow_downs?.from).toBe(ago(24 * 60))
  })
})
