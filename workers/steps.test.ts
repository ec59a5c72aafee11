// Steps of the clock are noticed when somebody asks, and only those that are too large.
import { expect, test } from 'vitest'
import { createSteps } from './steps.ts'

test('a clock that is set ahead or back is noticed until it is right again', () => {
  let wall = 1_000
  const steps = createSteps(500, () => wall, () => 0) // prettier-ignore
  for (const by of [30_000, -3_600_000]) {
    const { alarm } = steps
    wall += by
    expect([steps.hasStepped(), alarm.aborted]).toEqual([true, true])
    wall -= by
    expect(steps.hasStepped()).toBe(true)
    steps.settle()
    expect([steps.hasStepped(), steps.alarm.aborted]).toEqual([false, false])
  }
})

test('time that passes, and a clock that is set a little, are no step', () => {
  let [wall, steady] = [1_000, 0]
  const steps = createSteps(500, () => wall, () => steady) // prettier-ignore
  wall += 3_600_400
  steady += 3_600_000
  expect(steps.hasStepped()).toBe(false)
})
