// Fingers, mouse and wheel.
import { expect, test } from 'vitest'
import { Gestures, wheelMove } from './gestures.ts'
import { Resolution } from './resolution.ts'

test('a press that hardly moves is a tap', () => {
  const gestures = new Gestures()
  gestures.start(1, 100, 50)
  expect(gestures.move(1, 102, 51, true)).toBeUndefined()
  expect(gestures.end(1)).toBe(true)
})

test('a drag pans, and is no tap; only a mouse scrolls the lanes', () => {
  const gestures = new Gestures()
  gestures.start(1, 100, 50)
  expect(gestures.move(1, 80, 40, true)).toEqual({ pan: 20, scroll: 10, zoom: 1, x: 80 })
  expect(gestures.active).toBe(true)
  expect(gestures.move(1, 70, 30, false)).toMatchObject({ pan: 10, scroll: 0 })
  expect(gestures.end(1)).toBe(false)
})

test('two fingers that part make the window shorter', () => {
  const gestures = new Gestures()
  gestures.start(1, 100, 50)
  gestures.start(2, 200, 50)
  expect(gestures.move(2, 300, 50, false)).toMatchObject({ zoom: 0.5, x: 200, scroll: 0 })
  gestures.end(2)
  expect(gestures.end(1)).toBe(false)
})

test('a movement without a press asks for nothing', () => {
  expect(new Gestures().move(1, 5, 5, true)).toBeUndefined()
})

const wheel = { deltaX: 0, deltaY: 0, deltaMode: 0, ctrlKey: false, metaKey: false, shiftKey: false }

test('the wheel scrolls the page by itself, pans with Shift or sideways, zooms with Ctrl or ⌘', () => {
  expect(wheelMove({ ...wheel, deltaY: 100 })).toBeUndefined()
  expect(wheelMove({ ...wheel, deltaY: 100, shiftKey: true })).toEqual({ pan: 100 })
  expect(wheelMove({ ...wheel, deltaX: 30, deltaY: 5 })).toEqual({ pan: 30 })
  expect(wheelMove({ ...wheel, deltaY: -100, metaKey: true })).toEqual({ zoom: Math.exp(-0.4) })
})

test('frames that stay slow for a second lower the resolution, down to one pixel for one', () => {
  const resolution = new Resolution(2)
  const second = (ms: number): void => {
    for (let spent = 0; spent < 1000; spent += ms) resolution.frame(ms)
  }
  second(16)
  expect(resolution.ratio).toBe(2)
  second(40)
  expect(resolution.ratio).toBe(1.5)
  second(40)
  second(40)
  expect(resolution.ratio).toBe(1)
})
