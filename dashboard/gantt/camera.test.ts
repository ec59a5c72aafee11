// The view is another only when something in it would look different.
import { expect, test } from 'vitest'
import { Camera } from './camera.ts'
import { EDGE } from './live.ts'
import { T0 } from './testing.ts'

const cameraAt = (now: number): Camera => {
  const camera = new Camera({ window: () => undefined, follow: () => undefined }, now)
  camera.widen(900)
  camera.advance(now)
  return camera
}

test('time that passes by less than a step leaves the very same view', () => {
  const camera = cameraAt(T0)
  const { view } = camera
  camera.advance(T0 + 99, 100)
  expect(camera.view).toBe(view)
  camera.advance(T0 + 100, 100)
  expect(camera.view).toMatchObject({ now: T0 + 100, window: view.window })
})

test('who begins to follow is at now at once', () => {
  const camera = cameraAt(T0)
  camera.setFollow(true)
  camera.advance(T0 + 1, 1_000)
  const { from, to } = camera.view.window
  expect(from + (to - from) * EDGE).toBeCloseTo(T0 + 1)
})

test('a window that is asked for while now is followed has now at its place at once', () => {
  const camera = cameraAt(T0)
  camera.setFollow(true)
  camera.advance(T0)
  camera.set({ from: T0 - 900_000, to: T0 })
  camera.advance(T0, 1_000)
  const { from, to } = camera.view.window
  expect(to - from).toBe(900_000)
  expect(from + (to - from) * EDGE).toBeCloseTo(T0)
})

test('a view without folds stays the same view where there is nothing to fold', () => {
  const camera = cameraAt(T0)
  const { view } = camera
  camera.fold([])
  expect(camera.view).toBe(view)
  camera.fold([{ from: T0 - 500_000, to: T0 - 100_000 }])
  expect(camera.view).not.toBe(view)
  camera.fold([])
  expect(camera.view.line?.folds).toEqual([])
})
