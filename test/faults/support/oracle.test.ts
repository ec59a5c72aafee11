// The oracle catches what it is there for: each kind of damage is planted once, beside what is allowed.
import { describe, expect, test } from 'vitest'
import type { Ack, Evidence, Execution, HeldJob } from './evidence.ts'
import { judge } from './oracle.ts'
import type { Allowances } from './oracle.ts'

const accepted = (n: number): Ack => ({ key: `k${n}`, told: 'accepted', id: `t_${n}`, at: 1_000 + n })
const completed = (n: number): HeldJob => ({ id: `t_${n}`, key: `k${n}`, places: ['completed'] })
const ran = (n: number, more: Partial<Execution> = {}): Execution => ({
  run: `${n}.${JSON.stringify(more)}`,
  id: `t_${n}`,
  key: `k${n}`,
  attempt: 1,
  pid: 10,
  startedAt: 2_000,
  endedAt: 2_100,
  how: 'done',
  ...more,
})
/** A run that came to no end. */
const cut = (n: number, more: Partial<Execution> = {}): Execution => {
  const { endedAt: _end, how: _how, ...rest } = ran(n, more)
  return rest
}
const numbers = [1, 2, 3]

const sound = (more: Partial<Evidence> = {}): Evidence => ({
  acks: numbers.map(accepted),
  executions: numbers.map((n) => ran(n)),
  deaths: [],
  outages: [],
  jobs: numbers.map(completed),
  finals: numbers.map((n) => ({ id: `t_${n}`, name: 'job.completed' })),
  heard: { ids: ['1-0', '1-1', '2-0'], logged: ['1-0', '1-1', '2-0'], gaps: 0 },
  statuses: new Map([
    [201, 3],
    [409, 1],
    [503, 2],
  ]),
  programs: [{ name: 'api', output: '{"level":"info","msg":"the API is ready"}' }],
  memory: [{ name: 'api', beforeBytes: 100 * 2 ** 20, afterBytes: 105 * 2 ** 20 }],
  ...more,
})
const rules = (more: Partial<Evidence>, allowances?: Allowances) =>
  judge(sound(more), allowances).map(({ rule }) => rule)
const texts = (more: Partial<Evidence>, allowances?: Allowances) =>
  judge(sound(more), allowances)
    .map(({ text }) => text)
    .join('\n')

test('a sound run breaks no promise', () => {
  expect(judge(sound())).toEqual([])
})

describe('accepted jobs', () => {
  const oneLess = {
    jobs: [completed(1), completed(2)],
    finals: [1, 2].map((n) => ({ id: `t_${n}`, name: 'job.completed' as const })),
  }
  test('that are lost are found', () => {
    expect(texts(oneLess)).toBe('t_3 was accepted and is lost')
  })
  test('that the level may lose are not', () => {
    expect(judge(sound(oneLess), { mayLose: ({ at }) => at > 1_002 })).toEqual([])
    expect(rules(oneLess, { mayLose: ({ at }) => at > 1_003 })).toEqual(['a'])
  })
  test('that are in two places are found', () => {
    const twice: HeldJob = { ...completed(3), places: ['completed', 'waiting'] }
    expect(texts({ jobs: [completed(1), completed(2), twice] })).toContain(
      't_3 was accepted and is in completed and waiting',
    )
  })
  test('that are in no place are found, as lost and as left over', () => {
    const nowhere: HeldJob = { ...completed(3), places: [] }
    const damage = { jobs: [completed(1), completed(2), nowhere], finals: oneLess.finals }
    expect(rules(damage)).toEqual(['a', 'j'])
  })
})

describe('jobs that clients are unsure of', () => {
  const asked = (told: 'unknown' | 'refused'): Ack[] => [...numbers.map(accepted), { key: 'k4', told, at: 1_004 }]
  const there = {
    jobs: [...numbers, 4].map(completed),
    executions: [...numbers, 4].map((n) => ran(n)),
    finals: [...numbers, 4].map((n) => ({ id: `t_${n}`, name: 'job.completed' as const })),
  }
  test('may be there or not', () => {
    expect(judge(sound({ acks: asked('unknown') }))).toEqual([])
    expect(judge(sound({ acks: asked('unknown'), ...there }))).toEqual([])
  })
  test('are found when they are there twice', () => {
    const twin: HeldJob = { id: 't_other', key: 'k3', places: ['completed'] }
    const damage = {
      jobs: [...numbers.map(completed), twin],
      executions: [...numbers.map((n) => ran(n)), ran(3, { id: 't_other' })],
      finals: [...sound().finals, { id: 't_other', name: 'job.completed' as const }],
    }
    expect(texts(damage)).toBe('k3 was asked for once and is there 2 times: t_3, t_other')
  })
  test('are found when they are there although they were refused', () => {
    expect(rules({ acks: asked('refused'), ...there })).toEqual(['b'])
  })
  test('are found when they are there under another id than was told', () => {
    const acks: Ack[] = [accepted(1), accepted(2), { key: 'k3', told: 'accepted', id: 't_x', at: 1_003 }]
    expect(rules({ acks })).toEqual(['a', 'b'])
  })
})

describe('a second run', () => {
  const again = (first: Execution, more: Partial<Evidence> = {}, allowances: Allowances = {}) =>
    rules(
      { executions: [ran(1), ran(2), first, ran(3, { startedAt: 40_000, endedAt: 40_100, pid: 11 })], ...more },
      allowances,
    )

  test('without a reason is found', () => {
    expect(again(ran(3))).toEqual(['c'])
    expect(again(cut(3))).toEqual(['c'])
  })
  test('after a failed or a stopped one is fine', () => {
    expect(again(ran(3, { how: 'thrown' }))).toEqual([])
    expect(again(ran(3, { how: 'aborted' }))).toEqual([])
  })
  test('is fine when the process of the first died in it or at its very end, and not long after', () => {
    expect(again(cut(3), { deaths: [{ pid: 10, at: 2_050 }] })).toEqual([])
    expect(again(ran(3), { deaths: [{ pid: 10, at: 2_150 }] })).toEqual([])
    expect(again(ran(3), { deaths: [{ pid: 10, at: 9_000 }] })).toEqual(['c'])
    expect(again(cut(3), { deaths: [{ pid: 11, at: 2_050 }] })).toEqual(['c'])
    expect(again(cut(3), { deaths: [{ pid: 10, at: 1_000 }] })).toEqual(['c'])
  })
  test('is fine when Redis was away while the first ran, and not before', () => {
    expect(again(ran(3), { outages: [{ from: 2_050, to: 39_000 }] })).toEqual([])
    expect(again(ran(3), { outages: [{ from: 500, to: 1_500 }] })).toEqual(['c'])
    expect(again(ran(3), { outages: [{ from: 8_000, to: 39_000 }] })).toEqual(['c'])
  })
  test('that is one failure too many is found', () => {
    const failures = [0, 1, 2].map((n) => ran(3, { how: 'thrown', startedAt: 2_000 + n * 200, attempt: n + 1 }))
    const last = ran(3, { startedAt: 40_000 })
    expect(rules({ executions: [ran(1), ran(2), ...failures, last] }, { attemptsMax: 3 })).toEqual([])
    expect(rules({ executions: [ran(1), ran(2), ...failures, last] }, { attemptsMax: 2 })).toEqual(['c'])
  })
})

describe('the end of a job', () => {
  const { finals } = sound()
  test('that is told twice or not at all is found', () => {
    expect(texts({ finals: [...finals, { id: 't_3', name: 'job.completed' }] })).toContain(
      't_3 ended and is told to 2 times',
    )
    expect(rules({ finals: finals.slice(0, 2) })).toEqual(['d'])
  })
  test('that is told both ways is found', () => {
    expect(rules({ finals: [...finals, { id: 't_3', name: 'job.failed' }] })).toEqual(['d'])
  })
  test('that is told of a job still at work is found', () => {
    const active: HeldJob = { ...completed(3), places: ['active'] }
    expect(rules({ jobs: [completed(1), completed(2), active] })).toEqual(['d', 'j'])
  })
  test('that no handler came to is found', () => {
    expect(texts({ executions: [ran(1), ran(2), cut(3)] })).toBe('t_3 counts as completed and never ran to its end')
  })
})

describe('a listener', () => {
  const logged = ['1-0', '1-1', '2-0', '10-0']
  const heard = (ids: string[], gaps = 0) => ({ heard: { ids, logged, gaps } })
  test('that misses a fact is found, unless it was told of a gap', () => {
    expect(rules(heard(['1-0', '2-0', '10-0']))).toEqual(['f'])
    expect(rules(heard(['1-0', '2-0', '10-0'], 1))).toEqual([])
  })
  test('that hears a fact twice is found', () => {
    expect(rules(heard(['1-0', '1-1', '1-1', '2-0', '10-0']))).toEqual(['f'])
  })
  test('that hears facts out of order is found', () => {
    expect(rules(heard(['1-0', '1-1', '10-0', '2-0']))).toEqual(['f'])
  })
})

describe('what is left', () => {
  test('is found, wherever it is', () => {
    const waiting: HeldJob = { ...completed(3), places: ['delayed'] }
    expect(rules({ jobs: [completed(1), completed(2), waiting], finals: sound().finals.slice(0, 2) })).toEqual(['j'])
  })
  test('of memory is found', () => {
    const grown = [{ name: 'api', beforeBytes: 100 * 2 ** 20, afterBytes: 140 * 2 ** 20 }]
    expect(texts({ memory: grown })).toBe('api holds 140 MB; before the fault it held 100 MB')
  })
})

test('answers that are neither success, nor refusal, nor 503 are found', () => {
  for (const status of [500, 502, 504, 302]) expect(rules({ statuses: new Map([[status, 1]]) })).toEqual(['j'])
  expect(rules({ statuses: new Map([[0, 1]]) })).toEqual(['j'])
  expect(rules({ statuses: new Map([[0, 1]]) }, { mayBreakConnections: true })).toEqual([])
})

test('errors that nobody caught are found in what programs say, unless they are the fault itself', () => {
  const programs = [{ name: 'workers', output: 'fine\nUncaught:\nError: planted' }]
  expect(rules({ programs })).toEqual(['j'])
  expect(rules({ programs: [{ name: 'api', output: 'UnhandledPromiseRejection: x' }] })).toEqual(['j'])
  expect(rules({ programs }, { expectedNoise: /Uncaught:/ })).toEqual([])
})

test('a flood of one kind is cut short and counted', () => {
  const found = judge(sound({ jobs: [], acks: Array.from({ length: 20 }, (_, n) => accepted(n)) }))
  expect(found.map(({ text }) => text)).toContain('… and 15 more of this kind')
})
