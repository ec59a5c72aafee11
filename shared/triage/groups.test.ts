// What groups promise: decisions that hold until deaths undo them, merging and splitting that can be taken back.
import { describe, expect, person, problemOf } from '../../test/support/rooms.ts'
import { tellDead, test as base } from '../../test/support/dead.ts'
import type { Left } from '../../test/support/dead.ts'
import type { z } from 'zod'
import { DlqGroupChanged, DlqGroupQuery, GroupDecision } from './contract.ts'
import type { DlqGroup } from './contract.ts'

type Asked = z.input<typeof DlqGroupQuery>
const HOUR = 3_600_000

interface Inbox {
  /** Lets jobs die now, one ms apart, and records it. */
  die(...dead: Partial<Left>[]): Promise<void>
  groups(asked?: Asked): Promise<DlqGroup[]>
  /** The group with this title. */
  group(title: string): Promise<DlqGroup>
  decide(group: Pick<DlqGroup, 'id'>, decision: z.input<typeof GroupDecision>, version?: number): Promise<DlqGroup>
  /** What was told of groups so far, newest last: what they were, what they are and why. */
  told(): Promise<string[]>
}

const test = base.extend<{ inbox: Inbox }>({
  inbox: async ({ kernel, bull, recorder, triage, me, log, clock }, use) => {
    let count = 0
    const groups = async (asked: Asked = {}) => (await triage.list(me, DlqGroupQuery.parse(asked))).data
    await use({
      async die(...dead) {
        await tellDead(
          kernel,
          bull,
          ...dead.map((one) => ({ id: `j${count++}`, at: clock.now(), toldAt: clock.now(), ...one })),
        )
        await recorder.catchUp()
      },
      groups,
      async group(title) {
        const found = (await groups({ limit: 200 })).find((group) => group.title === title)
        if (!found) throw new Error(`no group ${title}`)
        return found
      },
      decide: ({ id }, decision, version) => triage.decide(me, id, GroupDecision.parse(decision), version),
      async told() {
        const facts = (await log.readAfter('0-0', 1_000)).filter(({ name }) => name === DlqGroupChanged.name)
        return facts.map(({ data }) => {
          const { before, state, reason, actor } = DlqGroupChanged.data.parse(JSON.parse(data))
          return `${before ?? ''} → ${state}: ${reason}${actor === null ? '' : ` by ${actor}`}`
        })
      },
    })
  },
})

const times = (count: number, one: Partial<Left>): Partial<Left>[] => Array.from({ length: count }, () => one)

describe('a group', () => {
  test('is new for a day, then ongoing, and told of once when it appears', async ({ inbox, clock }) => {
    await inbox.die({ message: 'mailbox 1 is full' }, { message: 'mailbox 2 is full' })
    expect((await inbox.group('mailbox <n> is full')).state).toBe('new')
    await clock.advance(24 * HOUR)
    await inbox.die({ message: 'mailbox 3 is full', queue: 'reports' })
    expect(await inbox.group('mailbox <n> is full')).toMatchObject({ state: 'ongoing', total: 3, last_hour: 1 })
    expect(await inbox.told()).toEqual([' → new: appeared'])
  })

  test('resolved stays so while old workers fail, and has regressed when a newer one does', async ({ inbox }) => {
    await inbox.die({ version: '1.0' })
    const resolved = await inbox.decide(await inbox.group('boom'), { state: 'resolved' })
    expect(resolved.state).toBe('resolved')
    await inbox.die({ version: '1.0' })
    expect((await inbox.group('boom')).state).toBe('resolved')
    await inbox.die({ version: '1.1' })
    expect(await inbox.group('boom')).toMatchObject({ state: 'regressed', versions: ['1.0', '1.1'] })
    expect((await inbox.told()).slice(1)).toEqual(['new → resolved: decided by Ada', 'resolved → regressed: regressed'])
  })

  test('resolved has regressed with the next death where versions are not told', async ({ inbox }) => {
    await inbox.die({})
    await inbox.decide(await inbox.group('boom'), { state: 'resolved' })
    await inbox.die({})
    expect((await inbox.group('boom')).state).toBe('regressed')
  })

  test('is ignored until a moment, a count or a rate, whatever comes first', async ({ inbox, clock }) => {
    const again = async (rule: z.input<typeof GroupDecision>['ignore_until']) => {
      await inbox.decide(await inbox.group('boom'), { state: 'ignored', ...(rule ? { ignore_until: rule } : {}) })
      return (await inbox.group('boom')).state
    }
    await inbox.die({})
    expect(await again({ count: 3, per_hour: 100 })).toBe('ignored')
    await inbox.die(...times(2, {}))
    expect((await inbox.group('boom')).state).toBe('ignored')
    await inbox.die({})
    expect((await inbox.group('boom')).state).toBe('ongoing')

    await clock.advance(2 * HOUR)
    expect(await again({ per_hour: 2 })).toBe('ignored')
    await inbox.die(...times(2, {}))
    expect((await inbox.group('boom')).state).toBe('ignored')
    await inbox.die({})
    expect((await inbox.group('boom')).state).toBe('ongoing')

    const at = new Date(clock.now() + HOUR).toISOString()
    expect(await again({ at })).toBe('ignored')
    expect((await inbox.group('boom')).ignore_until).toEqual({ at, per_hour: null, count: null })
    await clock.advance(HOUR)
    expect((await inbox.group('boom')).state).toBe('ongoing')

    expect(await again(undefined)).toBe('ignored')
    await inbox.die(...times(9, {}))
    expect((await inbox.group('boom')).state).toBe('ignored')
    expect((await inbox.told()).filter((line) => !line.includes('decided'))).toEqual([
      ' → new: appeared',
      'ignored → ongoing: ignored_count',
      'ignored → ongoing: ignored_rate',
    ])
  })

  test('is decided about at the version that was read', async ({ inbox }) => {
    await inbox.die({})
    const group = await inbox.group('boom')
    const noted = await inbox.decide(group, { assignee: 'Ada', note: 'asked the bank' }, 0)
    expect(noted).toMatchObject({ state: 'new', assignee: 'Ada', note: 'asked the bank', version: 1 })
    expect((await problemOf(inbox.decide(group, { note: null }, 0))).code).toBe('precondition-failed')
    expect(await inbox.decide(group, { note: null, assignee: null }, 1)).toMatchObject({ note: null, version: 2 })
    expect(GroupDecision.safeParse({ state: 'resolved', ignore_until: { count: 1 } }).success).toBe(false)
  })

  test('has its deaths by hour and by minute', async ({ inbox, clock, triage, me }) => {
    await inbox.die(...times(2, {}))
    await clock.advance(5 * HOUR)
    await inbox.die({}, { queue: 'reports' })
    const { id, trend } = await inbox.group('boom')
    expect([trend.at(-1), trend.at(-6)]).toEqual([2, 2])
    expect((await triage.show(me, id)).minutes.map(({ count }) => count)).toEqual([2, 2])
    await clock.advance(23 * HOUR)
    expect((await triage.show(me, id)).minutes.map(({ count }) => count)).toEqual([2])
  })
})

describe('the list', () => {
  test('has new and growing groups first, and pages without loss', async ({ inbox, clock, triage, me }) => {
    await inbox.die(...times(4, { message: 'old' }), { message: 'known' })
    await clock.advance(25 * HOUR)
    await inbox.die(...times(6, { message: 'old' }))
    await inbox.die({ message: 'fresh' })
    await inbox.die({ message: 'fixed' })
    await inbox.decide(await inbox.group('fixed'), { state: 'resolved' })
    const titles = (await inbox.groups()).map(({ title }) => title)
    expect(titles).toEqual(['fresh', 'old', 'known', 'fixed'])
    expect((await inbox.group('old')).growing).toBe(true)
    const first = await triage.list(me, DlqGroupQuery.parse({ limit: 3 }))
    const rest = await triage.list(me, DlqGroupQuery.parse({ limit: 3, cursor: first.page.next_cursor ?? '' }))
    expect([...first.data, ...rest.data].map(({ title }) => title)).toEqual(titles)
    expect((await inbox.groups({ sort: '-open' }))[0]?.title).toBe('old')
    expect((await inbox.groups({ sort: '-first_seen' })).at(-1)?.title).toMatch(/old|known/)
  })

  test('is filtered by state, queue, name, title, assignee and by what lies there', async ({ inbox, bull }) => {
    await inbox.die({ message: 'a' }, { message: 'b', queue: 'reports', name: 'report.build', error: 'DiskError' })
    const [a, b] = [await inbox.group('a'), await inbox.group('b')]
    await inbox.decide(a, { state: 'ignored', assignee: 'Ada' })
    const only = async (asked: Asked) => (await inbox.groups(asked)).map(({ title }) => title)
    expect(await only({ state: ['ignored'] })).toEqual(['a'])
    expect(await only({ queue: ['reports'] })).toEqual(['b'])
    expect(await only({ name: ['report.build'] })).toEqual(['b'])
    expect(await only({ q: 'DISK' })).toEqual(['b'])
    expect(await only({ assignee: 'Ada' })).toEqual(['a'])
    await bull.queue('reports').remove(b.sample.task_id.slice('reports:'.length))
    await inbox.die()
    expect(await only({ open: 'true' })).toEqual(['a'])
    expect(await only({ open: 'false' })).toEqual(['b'])
  })

  test('shows each principal what died in its queues, and lets it decide only about what it may use whole', async ({
    inbox,
    triage,
  }) => {
    await inbox.die({ message: 'both' }, { message: 'both', queue: 'reports' }, { message: 'theirs', queue: 'reports' })
    const [both, theirs] = [await inbox.group('both'), await inbox.group('theirs')]
    const clerk = person({ queues: ['mail'] })
    const seen = (await triage.list(clerk, DlqGroupQuery.parse({}))).data
    expect(seen.map(({ title, open, queues }) => ({ title, open, queues }))).toEqual([
      { title: 'both', open: 1, queues: [{ queue: 'mail', open: 1 }] },
    ])
    expect((await problemOf(triage.show(clerk, theirs.id))).code).toBe('dlq-group-not-found')
    expect((await problemOf(triage.decide(clerk, both.id, { state: 'resolved' }))).code).toBe('resource-forbidden')
  })
})

describe('merging', () => {
  test('makes two groups one, also for what dies later, and splitting takes it back', async ({ inbox, triage, me }) => {
    await inbox.die({ message: 'a' }, { message: 'b', error: 'DiskError' })
    const [a, b] = [await inbox.group('a'), await inbox.group('b')]
    const merged = await triage.merge(me, b.id, a.id)
    expect(merged).toMatchObject({ id: a.id, title: 'a', open: 2, error_names: ['Error', 'DiskError'] })
    await inbox.die({ message: 'b', error: 'DiskError' })
    expect(await inbox.groups()).toMatchObject([{ id: a.id, open: 3, fingerprints: [a.id, b.id] }])
    expect((await problemOf(triage.show(me, b.id))).code).toBe('dlq-group-not-found')
    expect(await triage.split(me, a.id, { error_name: ['DiskError'] })).toMatchObject([{ id: b.id, open: 2 }])
    expect(await inbox.group('a')).toMatchObject({ open: 1, fingerprints: [a.id] })
    expect((await inbox.told()).slice(2)).toEqual(['new → new: merged by Ada', 'new → new: split by Ada'])
  })

  test('chains: what was merged into a group goes with it', async ({ inbox, triage, me }) => {
    await inbox.die({ message: 'a' }, { message: 'b' }, { message: 'c' })
    const [a, b, c] = [await inbox.group('a'), await inbox.group('b'), await inbox.group('c')]
    await triage.merge(me, a.id, b.id)
    await triage.merge(me, b.id, c.id)
    await inbox.die({ message: 'a' })
    expect(await inbox.groups()).toMatchObject([{ id: c.id, open: 4 }])
    await triage.split(me, c.id, { fingerprint: [a.id] })
    expect((await inbox.groups()).map(({ id, open }) => [id, open]).sort()).toEqual(
      [
        [a.id, 2],
        [c.id, 2],
      ].sort(),
    )
    await triage.merge(me, c.id, a.id)
    expect(await inbox.groups()).toMatchObject([{ id: a.id, open: 4 }])
  })

  test('a queue can be split off, and merged back', async ({ inbox, triage, me }) => {
    await inbox.die({}, { queue: 'reports' }, { queue: 'reports' })
    const { id } = await inbox.group('boom')
    const [off] = await triage.split(me, id, { queue: ['reports'] })
    expect(off).toMatchObject({ open: 2, queues: [{ queue: 'reports' }] })
    await inbox.die({ queue: 'reports' })
    expect((await inbox.groups({ sort: '-open' })).map((group) => [group.id, group.open])).toEqual([
      [off?.id, 3],
      [id, 1],
    ])
    await triage.merge(me, off?.id ?? '', id)
    expect(await inbox.groups()).toMatchObject([{ id, open: 4 }])
  })

  test('a group with itself, or splitting the whole of it, is refused', async ({ inbox, triage, me }) => {
    await inbox.die({ message: 'a' })
    const { id } = await inbox.group('a')
    expect((await problemOf(triage.merge(me, id, id))).code).toBe('validation-failed')
    expect((await problemOf(triage.split(me, id, { queue: ['nowhere'] }))).code).toBe('validation-failed')
    expect((await problemOf(triage.merge(me, id, 'a'.repeat(16)))).code).toBe('dlq-group-not-found')
  })
})
