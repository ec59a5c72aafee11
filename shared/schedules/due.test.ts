// What becomes of slots: in time, missed, too many, and beside jobs that have not ended.
import { describe, expect, test } from 'vitest'
import { decide } from './due.ts'
import type { Circumstances, Decision, DueSlots } from './due.ts'
import { ScheduleDefinition } from './definition.ts'

const NOW = 1_000_000

const with_ = (over: object): ScheduleDefinition =>
  ScheduleDefinition.parse({
    name: 'A digest',
    job_name: 'report.build',
    trigger: { type: 'interval', every_ms: 60_000 },
    grace_ms: 60_000,
    ...over,
  })

/** Slots so many seconds ago. */
const ago = (...seconds: number[]): DueSlots => ({
  slots: seconds.map((s) => ({ slot: NOW - s * 1_000, plannedAt: NOW - s * 1_000 })),
  before: undefined,
})

const told = ({ start, wait, skip, replaces, cancels }: Decision) => ({
  start: start.map(({ slot }) => (NOW - slot) / 1_000),
  ...(wait === undefined ? {} : { wait: (NOW - wait.slot) / 1_000 }),
  skip: skip.map(({ from, until, count, reason }) =>
    [`${(NOW - from) / 1_000}-${(NOW - until) / 1_000}`, count, reason].join(' '),
  ),
  ...(replaces ? { replaces } : {}),
  ...(cancels ? { cancels } : {}),
})

const decided = (over: object, due: DueSlots, more: Partial<Circumstances> = {}) =>
  told(decide(with_(over), due, { now: NOW, runsLeft: Infinity, isBusy: false, isAwaited: false, ...more }))

describe('slots within their grace', () => {
  test('all start, oldest first, whatever the misfire policy', () => {
    for (const misfire of ['skip', 'run_once', 'run_all'])
      expect(decided({ misfire }, ago(60, 30, 0))).toEqual({ start: [60, 30, 0], skip: [] })
  })

  test('are judged by when their jobs were to start, not by the slot', () => {
    const spread: DueSlots = { slots: [{ slot: NOW - 90_000, plannedAt: NOW - 50_000 }], before: undefined }
    expect(decided({ misfire: 'skip' }, spread)).toEqual({ start: [90], skip: [] })
  })
})

describe('slots that nobody carried out in time', () => {
  test.each([
    ['skip', [0], ['240-61 4 missed']],
    ['run_once', [61, 0], ['240-120 3 missed']],
    ['run_all', [240, 180, 120, 61, 0], []],
  ])('%s', (misfire, start, skip) => {
    expect(decided({ misfire }, ago(240, 180, 120, 61, 0))).toEqual({ start, skip })
  })

  test('are made up for up to a limit, the newest; those nobody looked at are told as one', () => {
    const due = { ...ago(240, 180, 120), before: { from: NOW - 9_000_000, until: NOW - 300_000, count: 146 } }
    expect(decided({ misfire: 'run_all', catchup_limit: 2 }, due)).toEqual({
      start: [180, 120],
      skip: ['9000-300 146 catchup_limit', '240-240 1 catchup_limit'],
    })
  })
})

test('no more start than the schedule has runs left', () => {
  expect(decided({}, ago(40, 20, 0), { runsLeft: 2 })).toEqual({ start: [40, 20], skip: ['0-0 1 max_runs'] })
  expect(decided({}, ago(0), { runsLeft: 0 })).toEqual({ start: [], skip: ['0-0 1 max_runs'] })
})

describe('beside a job that has not ended', () => {
  const busy = { isBusy: true }
  test.each([
    ['allow', { start: [20, 0], skip: [] }],
    ['skip', { start: [], skip: ['20-0 2 overlap'] }],
    ['queue_one', { start: [], wait: 20, skip: ['0-0 1 overlap'] }],
    ['cancel_running', { start: [], wait: 0, cancels: true, skip: ['20-20 1 overlap'] }],
  ])('%s', (overlap, expected) => {
    expect(decided({ overlap }, ago(20, 0), busy)).toEqual(expected)
  })

  test('a queue of one stays one, and only what cancels takes the place of what waits', () => {
    const awaited = { isBusy: true, isAwaited: true }
    expect(decided({ overlap: 'queue_one' }, ago(0), awaited)).toEqual({ start: [], skip: ['0-0 1 overlap'] })
    expect(decided({ overlap: 'cancel_running' }, ago(0), awaited)).toEqual({
      start: [],
      wait: 0,
      replaces: true,
      cancels: true,
      skip: [],
    })
  })
})

describe('several at once, when nothing runs', () => {
  test.each([
    ['skip', { start: [40], skip: ['20-0 2 overlap'] }],
    ['queue_one', { start: [40], wait: 20, skip: ['0-0 1 overlap'] }],
    ['cancel_running', { start: [0], skip: ['40-20 2 overlap'] }],
  ])('%s starts one', (overlap, expected) => {
    expect(decided({ overlap }, ago(40, 20, 0))).toEqual(expected)
  })
})
