// What is drawn: bars, marks, cells, feet, the axis and now, on a pen that remembers.
import { expect, test } from 'vitest'
import type { View } from './hit.ts'
import { ink, inksBy, shadeOf } from './ink.ts'
import { Layout } from './layout.ts'
import { Painter } from './paint.ts'
import type { Scene } from './scene.ts'
import { recorder, span, storeOf, T0, type Drawn } from './testing.ts'

const view: View = { window: { from: T0, to: T0 + 100_000 }, width: 1000, now: T0 + 90_000 }
/** Every ink is written as its own number, so that a drawing says which was used. */
const inks = Array.from({ length: 400 }, (_, at) => String(at))

const paint = (rows: Parameters<typeof storeOf>, over: Partial<Scene> = {}): Drawn[] => {
  const layout = new Layout(storeOf(...rows))
  layout.refresh(100, view.now)
  const scene: Scene = {
    ...{ layout, view, height: 200, scrollTop: 0, axis: 26, colorBy: 'priority', zone: 'UTC', selected: -1 },
    measure: (text) => text.length * 6,
    ...over,
  }
  const { pen, drawn } = recorder()
  const painter = new Painter()
  painter.paint(scene)
  painter.replay(pen, inks, ['sans', 'mono'])
  return drawn
}
const inInk = (drawn: Drawn[], number: number): Drawn[] => drawn.filter((each) => each.style === String(number))
const texts = (drawn: Drawn[]): string[] => drawn.filter((each) => each.what === 'text').map((each) => each.text)

test('a run is a bar in the colour of its priority, where and as long as it ran', () => {
  const drawn = paint([{ start: T0 + 10_000, run: 5000, priority: 3 }])
  expect(inInk(drawn, ink['prio-critical'])).toEqual([
    expect.objectContaining({ what: 'round', x: 100, y: 30, width: 50, height: 16 }),
  ])
  expect(inInk(drawn, ink['on-prio-critical'])).toHaveLength(3)
})

test('a long bar says name and duration, a shorter one its duration, a short one nothing', () => {
  expect(texts(paint([{ start: T0 + 10_000, run: 30_000 }]))).toContain('mail.send · 30 s')
  expect(texts(paint([{ start: T0 + 10_000, run: 7000 }]))).toContain('7.0 s')
  expect(texts(paint([{ start: T0 + 10_000, run: 4000 }])).filter((text) => text.includes(' s'))).toEqual([])
})

test('status stands at the end: nothing when done, a cap higher than the bar when it went wrong', () => {
  expect(inInk(paint([{ run: 5000 }]), ink['fill-failed'])).toEqual([])
  const failed = inInk(paint([{ start: T0, run: 5000, state: 'failed' }]), ink['fill-failed'])
  expect(failed).toContainEqual(expect.objectContaining({ x: 46, y: 28, width: 4, height: 20 }))
  expect(inInk(paint([{ run: 5000, state: 'retrying' }]), ink['fill-retrying'])).not.toEqual([])
})

test('a dead letter carries a cross from 26 pixels on', () => {
  const cross = String(ink['on-fill-failed'])
  const crosses = (run: number): Drawn[] =>
    paint([{ run, state: 'failed' }]).filter((each) => each.what === 'stroke' && each.style === cross)
  expect(crosses(2500)).toHaveLength(0)
  expect(crosses(2700)).toHaveLength(1)
})

test('a running bar reaches to now and leads with the colour of running', () => {
  const drawn = paint([{ start: T0 + 40_000, run: -1, state: 'running' }])
  expect(inInk(drawn, ink['prio-normal'])[0]).toMatchObject({ x: 400, width: 500 })
  expect(inInk(drawn, ink['fill-running'])).toEqual([expect.objectContaining({ x: 897, width: 3 })])
})

test('waiting is a thin tint before, back-off dashes after', () => {
  const drawn = paint([{ start: T0 + 20_000, run: 5000, wait: 4000, state: 'retrying', backoff: 10_000 }])
  const tint = inInk(drawn, shadeOf(ink['prio-normal'], 1))
  expect(tint).toEqual([expect.objectContaining({ x: 160, width: 40, height: 4 })])
  const dashes = inInk(drawn, ink['edge-retrying']).filter((each) => each.height === 2)
  expect(Math.min(...dashes.map((each) => each.x))).toBe(250)
  expect(Math.max(...dashes.map((each) => each.x + each.width))).toBeLessThanOrEqual(350)
})

test('short runs become cells, equal neighbours one rectangle', () => {
  const rows = Array.from({ length: 50 }, (_, at) => ({ start: T0 + 10_000 + at * 400, run: 90 }))
  const cells = inInk(paint(rows), shadeOf(ink['prio-normal'], 1))
  expect(cells).toEqual([expect.objectContaining({ what: 'rect', x: 100, width: 200 })])
})

test('a failure among short runs stands as a foot from the bottom with a gap around it', () => {
  const rows = Array.from({ length: 40 }, (_, at) => ({ start: T0 + 10_000 + at, run: 5 }))
  const drawn = paint([...rows, { start: T0 + 10_000, run: 5, state: 'failed' as const }])
  expect(inInk(drawn, ink['fill-failed'])).toEqual([expect.objectContaining({ x: 100, width: 3, height: 4, y: 44 })])
})

test('a run that began before the window and still goes on is drawn', () => {
  const drawn = paint([
    { start: T0 - 900_000, run: -1, state: 'running' },
    { start: T0 - 5000, run: 10 },
  ])
  expect(inInk(drawn, ink['prio-normal'])).toHaveLength(1)
})

test('what overlaps beyond six sub-rows is told by a strip', () => {
  const drawn = paint(Array.from({ length: 8 }, () => ({ start: T0 + 10_000, run: 30_000 })))
  const bars = inInk(drawn, ink['prio-normal'])
  expect(bars.filter((each) => each.what === 'round')).toHaveLength(6)
  const strip = drawn.filter((each) => each.style === String(shadeOf(ink['prio-normal'], 4)) && each.height === 3)
  expect(strip.length).toBeGreaterThan(0)
})

test('only lanes in view are drawn, at their scrolled places', () => {
  const rows = Array.from({ length: 30 }, (_, at) => ({ queue: `q${String(at).padStart(2, '0')}`, run: 5000 }))
  const bars = inInk(paint(rows, { scrollTop: 48 }), ink['prio-normal'])
  expect(bars.length).toBeLessThan(10)
  expect(bars[0]?.y).toBe(30)
})

test('the axis writes times in the zone, and now is a line', () => {
  const drawn = paint([{}], { zone: 'Europe/Berlin' })
  expect(texts(drawn)).toContain('11:00:10')
  expect(inInk(drawn, ink.accent)).toEqual([expect.objectContaining({ x: 900, width: 1.5 })])
})

test('colour by status and by attempt', () => {
  expect(inInk(paint([{ run: 5000 }], { colorBy: 'status' }), ink['fill-done'])).not.toEqual([])
  expect(inInk(paint([{ run: 5000, attempt: 9 }], { colorBy: 'attempt' }), ink['prio-critical'])).not.toEqual([])
})

test('the selected run is framed', () => {
  expect(inInk(paint([{ run: 5000 }], { selected: 0 }), ink.text)).toHaveLength(4)
})

test('a fill that would hardly show on the surface gets an edge in its state’s colour', () => {
  const colors: Record<string, string> = { 'var(--surface)': '#ffffff', 'var(--fill-done)': '#eeeeee' }
  const resolved = inksBy(
    (all) => all.map((color) => colors[color] ?? (color === 'var(--state-done)' ? '#123456' : '#000000')),
    (name) => `var(--${name.replace('edge-', 'state-')})`,
  )
  expect(resolved[ink['edge-done']]).toBe('#123456')
  expect(resolved[ink['edge-held']]).toBe(resolved[ink['fill-held']])
})

test('bars and feet of one ink are drawn one after the other', () => {
  const bars = Array.from({ length: 40 }, (_, at) => ({ start: T0 + at * 2_000, run: 1_500, priority: at % 4 }))
  const wrong = Array.from({ length: 40 }, (_, at) => ({ queue: 'sms', start: T0 + at * 800, run: 5, state: at % 2 ? 'failed' as const : 'retrying' as const })) // prettier-ignore
  const styles = paint([...bars, ...wrong]).map(({ style }) => style)
  expect(styles.length).toBeGreaterThan(120)
  expect(styles.filter((style, at) => style !== styles[at - 1]).length).toBeLessThan(20)
})

test('drawing 20,000 runs, a third of them bars, allocates nothing for a run', async () => {
  const store = storeOf()
  for (let at = 0; at < 20_000; at++)
    store.upsert(span({ queue: `q${at % 20}`, start: T0 + at * 5, run: at % 3 ? 20 : 320 }))
  const layout = new Layout(store)
  layout.refresh(100, view.now)
  const painter = new Painter()
  const scene: Scene = {
    ...{ layout, view, height: 900, scrollTop: 0, axis: 26, colorBy: 'priority', zone: 'UTC', selected: -1 },
    measure: () => 50,
  }
  // Code that is not compiled yet allocates by itself, so the leanest of many frames counts. It is compiled beside them: on a
  // machine that is busy that takes many turns.
  let least = Infinity
  for (let frame = 0; frame < 2_000 && least > 50_000; frame++) {
    if (frame % 10 === 9) await new Promise((resolve) => setImmediate(resolve))
    const before = process.memoryUsage().heapUsed
    painter.paint(scene)
    const grew = process.memoryUsage().heapUsed - before
    if (grew >= 0) least = Math.min(least, grew)
  }
  expect(least).toBeLessThanOrEqual(50_000)
})
