// Who may be sent to now: endpoints that fail leave room for those of which nothing is known yet.
import { expect, test } from 'vitest'
import { stoppedClock } from '../kernel/clock.ts'
import { createDesk } from './desk.ts'
import type { Known } from './desk.ts'

const fresh: Known = { failures: 0, failingSince: undefined, succeededAt: undefined, restsUntil: undefined }
const failing: Known = { ...fresh, failures: 7, failingSince: 1 }

test('an endpoint that is new gets a place although as many fail as there is room for', async () => {
  const desk = createDesk({ clock: stoppedClock() }, 16)
  const enter = async (id: string, standing: Known) => (await desk.enter(id, 4, standing)).entered
  expect(desk.roomForSuspects()).toEqual({ all: 4, failing: 3 })
  expect(await Promise.all(['a', 'b', 'c', 'd'].map((id) => enter(id, failing)))).toEqual([true, true, true, false])
  expect(desk.roomForSuspects()).toEqual({ all: 1, failing: 0 })
  expect(await enter('new', fresh)).toBe(true)
  expect(await enter('newer', fresh)).toBe(false)
})
