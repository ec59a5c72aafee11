// A burst of changes is one repaint, and an old answer never overwrites a newer fact.
import { expect, test } from 'vitest'
import { Collection } from './entities.ts'

const manual = (): { paint: () => void; waiting: (() => void)[]; schedule: (paint: () => void) => void } => {
  const waiting: (() => void)[] = []
  return { waiting, schedule: (paint) => waiting.push(paint), paint: () => waiting.splice(0).forEach((run) => run()) }
}

test('a thousand changes move the version once', () => {
  const frame = manual()
  const queues = new Collection<{ waiting: number }>(frame.schedule)
  for (let waiting = 0; waiting < 1_000; waiting += 1) queues.put('mail', { waiting })
  expect(frame.waiting).toHaveLength(1)
  frame.paint()
  expect(queues.version).toBe(1)
  expect(queues.get('mail')).toEqual({ waiting: 999 })
})

test('an older version is ignored, whole replacements included', () => {
  const frame = manual()
  const jobs = new Collection<{ version: number; state: string }>(frame.schedule)
  jobs.put('a', { version: 5, state: 'completed' })
  jobs.put('a', { version: 4, state: 'active' })
  jobs.replace(new Map([['a', { version: 3, state: 'waiting' }]]))
  expect(jobs.get('a')?.state).toBe('completed')
  jobs.replace(new Map([['b', { version: 1, state: 'waiting' }]]))
  expect(jobs.values()).toEqual([{ version: 1, state: 'waiting' }])
})
