// The chart in words.
import { expect, test } from 'vitest'
import { describeLane, describeRun, describe as say, stateOf } from './describe.ts'
import { factsOf } from './facts.ts'
import { hit, type Target } from './hit.ts'
import { Layout } from './layout.ts'
import { storeOf, T0 } from './testing.ts'

const view = { window: { from: T0, to: T0 + 100_000 }, width: 1000, now: T0 + 90_000 }

test('a run is one sentence', () => {
  const store = storeOf({ id: 't_7F', state: 'failed', run: 2600, attempt: 3, priority: 2 })
  expect(describeRun(store, 0, 'UTC')).toBe(
    'mail, mail.send t_7F, dead letter, 2.6 s, attempt 3, priority high, started 10:00:00',
  )
})

test('what is said of a run that goes on does not change while it goes on', () => {
  const store = storeOf({ id: 'a', state: 'running', run: -1 })
  expect(describeRun(store, 0, 'UTC')).toBe(
    'mail, mail.send a, still running, attempt 1, priority normal, started 10:00:00',
  )
})

test('a cell tells how many and what went wrong', () => {
  const short = { start: T0 + 20_040, run: 20 }
  const store = storeOf(short, { ...short, state: 'failed' })
  const layout = new Layout(store)
  layout.refresh(100, view.now)
  const target = hit(layout, view, 201, 10) as Target
  expect(say(store, target, 'UTC')).toBe('mail, 10:00:20.000 to 10:00:20.400, 2 runs, 1 dead letter')
})

test('a lane tells what runs and what does not fit', () => {
  const layout = new Layout(storeOf({ run: -1, state: 'running' }, { run: -1, state: 'running' }))
  layout.refresh(100, view.now)
  const lane = layout.lanes[0]
  expect(lane && describeLane(lane, 3)).toBe('mail, 2 running, 3 more at once than fit')
})

test('a tooltip tells the wait, the run so far and the next attempt', () => {
  const store = storeOf({ run: -1, state: 'running', wait: 420 }, { state: 'retrying', backoff: 8000 })
  const layout = new Layout(store)
  layout.refresh(100, view.now)
  const facts = (slot: number): Record<string, string> =>
    Object.fromEntries(factsOf(store, { kind: 'run', lane: layout.lanes[0] as never, slot }, 'UTC', T0 + 5000))
  expect(facts(0)).toMatchObject({ Waited: '420 ms', Ran: '5.0 s so far' })
  expect(facts(1)).toMatchObject({ 'Next attempt': 'after 8.0 s' })
})

test('a dead letter is called what the rest of the dashboard calls it', () => {
  expect(stateOf(storeOf({ state: 'failed' }), 0)).toBe('dead')
})
