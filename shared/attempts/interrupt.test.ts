// A signal says the same whenever it is asked for.
import { expect, test } from 'vitest'
import { Interrupt } from './interrupt.ts'

test('a signal that is asked for before or after the end is aborted with the first reason', () => {
  const [before, after] = [new Interrupt(), new Interrupt()]
  const early = before.signal
  expect([early.aborted, before.signal]).toEqual([false, early])
  const heard: string[] = []
  early.addEventListener('abort', () => heard.push('signal'))
  before.onEnd = (reason) => heard.push(reason.message)
  for (const interrupt of [before, after]) for (const reason of ['first', 'second']) interrupt.end(new Error(reason))
  expect([early, after.signal].map(({ aborted, reason }) => [aborted, (reason as Error).message])).toEqual([
    [true, 'first'],
    [true, 'first'],
  ])
  expect(heard).toEqual(['signal', 'first'])
})
