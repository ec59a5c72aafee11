// A canvas on which only what changed was drawn looks as one on which everything was.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { View } from './hit.ts'
import { Layout } from './layout.ts'
import { PaintedChart } from './painted.ts'
import type { Scene } from './scene.ts'
import { recorder, span, storeOf, T0 } from './testing.ts'

const WIDTH = 120
const HEIGHT = 90
const SCALE = 800
const view: View = { window: { from: T0, to: T0 + WIDTH * SCALE }, width: WIDTH, now: T0 + 90_000 }
const inks = Array.from({ length: 400 }, (_, at) => String(at))

/** A canvas that knows the colour of every pixel, corners of rounded bars aside. */
const canvas = () => {
  const pixels = new Array<string>(WIDTH * HEIGHT).fill('')
  const { pen, drawn } = recorder()
  let strips = 0
  const settle = (top = 0, bottom = HEIGHT): void => {
    for (const { what, style, x, y, width, height } of drawn.splice(0)) {
      if (what !== 'rect' && what !== 'round') continue
      const [left, right] = [Math.max(0, Math.round(x)), Math.min(WIDTH, Math.round(x + width))]
      for (let row = Math.max(top, Math.round(y)); row < Math.min(bottom, Math.round(y + height)); row++)
        if (left < right) pixels.fill(style, row * WIDTH + left, row * WIDTH + right)
    }
  }
  return {
    ...{ pen, inks, fonts: ['sans', 'mono'], settle, strips: () => strips, shows: () => pixels.join(' ') },
    begin: () => false,
    within(top: number, height: number, draw: () => void) {
      strips++
      draw()
      settle(top, top + height)
    },
  }
}

const measure = (text: string): number => text.length * 6
const sceneOf = (layout: Layout, over: Partial<Scene> = {}): Scene => ({
  ...{ layout, view, height: HEIGHT, scrollTop: 0, axis: 26, colorBy: 'priority', zone: 'UTC', selected: -1 },
  measure,
  ...over,
})
const queue = fc.constantFrom('a', 'b', 'c', 'd')
const state = fc.constantFrom('completed', 'failed', 'retrying', 'running')
const run = fc.record({ queue, state, start: fc.nat(80_000), run: fc.nat(4_000), backoff: fc.constantFrom(0, 9_000) })

test('whatever comes over the stream, one lane drawn anew looks as all drawn anew', () => {
  fc.assert(
    fc.property(
      fc.array(run, { minLength: 8, maxLength: 40 }),
      fc.array(run, { maxLength: 4 }),
      fc.nat(30),
      (first, then, scrollTop) => {
        const rowOf = (row: (typeof first)[number]) => ({ ...row, start: T0 + row.start, run: row.state === 'running' ? -1 : row.run } as const) // prettier-ignore
        const store = storeOf(...first.map(rowOf))
        const layout = new Layout(store)
        const [painted, fresh] = [new PaintedChart(), new PaintedChart()]
        const [one, other] = [canvas(), canvas()]
        const scene = sceneOf(layout, { scrollTop })
        layout.refresh(SCALE, view.now)
        painted.draw(one, scene)
        one.settle()
        for (const row of then) store.upsert(span(rowOf(row)))
        layout.refresh(SCALE, view.now)
        painted.draw(one, scene)
        one.settle()
        fresh.draw(other, scene)
        other.settle()
        expect(one.shows() === other.shows()).toBe(true)
      },
    ),
    { numRuns: 40 },
  )
})

test('only the lane where a run came is drawn, and nothing when none did', () => {
  const store = storeOf({ queue: 'a', run: 5_000 }, { queue: 'b', run: 5_000 })
  const layout = new Layout(store)
  const [painted, on] = [new PaintedChart(), canvas()]
  const scene = sceneOf(layout)
  layout.refresh(SCALE, view.now)
  painted.draw(on, scene)
  expect(on.strips()).toBe(0)
  on.settle()
  painted.draw(on, scene)
  expect(on.strips()).toBe(0)
  store.upsert(span({ queue: 'b', start: T0 + 50_000, run: 5_000 }))
  layout.refresh(SCALE, view.now)
  painted.draw(on, scene)
  expect(on.strips()).toBe(1)
  painted.draw(on, scene)
  expect(on.strips()).toBe(1)
})

test('everything is drawn when time moved on, colours are others, or lanes lie elsewhere', () => {
  const store = storeOf({ queue: 'a', run: 5_000 }, { queue: 'b', run: 5_000 })
  const layout = new Layout(store)
  layout.refresh(SCALE, view.now)
  const painted = new PaintedChart()
  const { pen, drawn } = recorder()
  const drew = (scene: Scene): boolean => {
    drawn.length = 0
    painted.draw(
      { pen, inks, fonts: ['sans', 'mono'], begin: () => false, within: (_top, _height, draw) => draw() },
      scene,
    )
    return drawn.length > 0
  }
  const scene = sceneOf(layout)
  expect([drew(scene), drew(scene)]).toEqual([true, false])
  expect(drew({ ...scene, view: { ...view } })).toBe(true)
  expect(drew({ ...scene, colorBy: 'status' })).toBe(true)
  painted.forget()
  expect(drew({ ...scene, colorBy: 'status' })).toBe(true)
  store.upsert(span({ queue: 'c', run: 5_000 }))
  layout.refresh(SCALE, view.now)
  expect(drew({ ...scene, colorBy: 'status' })).toBe(true)
})
