// Many charts that change at once must not cost one long frame, nor be drawn more often than can be read.
import { expect, test } from 'vitest'
import { Turns } from './turns.ts'

const frames = () => {
  const waiting: (() => void)[] = []
  let now = 0
  const turns = new Turns({ frame: (then) => waiting.push(then), now: () => now })
  return { turns, frame: (ms = 16) => { now += ms; waiting.shift()?.() }, idle: () => waiting.length === 0 } // prettier-ignore
}

test('one chart is drawn a frame, in the order they asked', () => {
  const { turns, frame, idle } = frames()
  const drawn: string[] = []
  for (const name of ['a', 'b', 'c']) turns.ask({ draw: () => drawn.push(name) })
  frame()
  expect(drawn).toEqual(['a'])
  frame()
  frame()
  expect(drawn).toEqual(['a', 'b', 'c'])
  expect(idle()).toBe(true)
})

test('a chart is drawn once a second, with what it is then, and at once when it must', () => {
  const { turns, frame } = frames()
  let count = 0
  const chart = { draw: () => (count += 1) }
  turns.ask(chart)
  frame()
  for (let n = 0; n < 10; n++) {
    turns.ask(chart)
    frame()
  }
  expect(count).toBe(1)
  frame(1_000)
  expect(count).toBe(2)
  turns.hurry(chart)
  frame()
  expect(count).toBe(3)
})

test('a chart that left is not drawn', () => {
  const { turns, frame } = frames()
  const chart = { draw: () => expect.unreachable() }
  turns.ask(chart)
  turns.leave(chart)
  frame()
})
