// However frames are duplicated and shuffled, the client ends with exactly what the server holds.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { emptyTopic, forgetRuns, takeChange, takeSnapshot, type Step, type Topic } from './topic.ts'

type Wire = { sub: number; seq: number } & (
  | { epoch: string; rows: Record<string, unknown> }
  | { set: Record<string, unknown>; del: string[] }
)

/** What the API does: one numbered state, a snapshot for each new subscription, a change for each edit. */
class Server {
  epoch = 'a'
  seq = 0
  rows = new Map<string, unknown>()

  snapshot(sub: number): Wire {
    return { sub, epoch: this.epoch, seq: this.seq, rows: Object.fromEntries(this.rows) }
  }

  edit(sub: number, key: string, value: number): Wire {
    this.seq += 1
    if (value === 0) this.rows.delete(key)
    else this.rows.set(key, value)
    return { sub, seq: this.seq, set: value === 0 ? {} : { [key]: value }, del: value === 0 ? [key] : [] }
  }

  restart(): void {
    this.epoch += 'a'
    this.seq = 0
  }
}

const take = (topic: Topic, frame: Wire): Step =>
  'rows' in frame ? takeSnapshot(topic, frame.epoch, frame.seq, frame.rows) : takeChange(topic, frame)

const edit = fc.record({
  key: fc.constantFrom('a', 'b', 'c', 'd'),
  value: fc.nat(3),
  twice: fc.boolean(),
  late: fc.nat(3),
  restart: fc.boolean(),
})

test('500 runs of shuffled, repeated and restarted streams end in the state of the server', () => {
  let resyncs = 0
  fc.assert(
    fc.property(fc.array(edit, { minLength: 1, maxLength: 60 }), (edits) => {
      const server = new Server()
      let sub = 1
      let topic = emptyTopic()
      const wire: Wire[] = [server.snapshot(sub)]
      const deliver = (frame: Wire | undefined): void => {
        if (frame?.sub !== sub || take(topic, frame) !== 'resync') return
        resyncs += 1
        subscribe()
      }
      const subscribe = (): void => {
        sub += 1
        topic = emptyTopic()
        wire.push(server.snapshot(sub))
      }
      for (const { key, value, twice, late, restart } of edits) {
        if (restart && value === 3) {
          server.restart()
          subscribe()
        }
        const frame = server.edit(sub, key, value)
        wire.splice(Math.max(0, wire.length - late), 0, frame)
        if (twice) wire.push(frame)
        if (wire.length > 6) deliver(wire.shift())
      }
      while (wire.length > 0) deliver(wire.shift())
      expect(topic.rows).toEqual(server.rows)
    }),
    { numRuns: 500 },
  )
  expect(resyncs).toBeGreaterThan(0)
})

test('a snapshot of the same epoch that is older than what is known changes nothing', () => {
  const topic = emptyTopic()
  takeSnapshot(topic, 'e', 5, { a: 1 })
  takeChange(topic, { seq: 6, set: { a: 2 }, del: [] })
  expect(takeSnapshot(topic, 'e', 5, { a: 1 })).toBe('dropped')
  expect(topic.rows.get('a')).toBe(2)
})

test('a snapshot of another epoch always counts', () => {
  const topic = emptyTopic()
  takeSnapshot(topic, 'old', 900, { a: 1 })
  expect(takeSnapshot(topic, 'new', 1, { b: 2 })).toBe('applied')
  expect([...topic.rows]).toEqual([['b', 2]])
})

test('changes that keep coming before any snapshot end in asking for one', () => {
  const topic = emptyTopic()
  const steps = Array.from({ length: 300 }, (_, seq) => takeChange(topic, { seq, set: {}, del: [] }))
  expect(steps).toContain('resync')
})

test('runs that ended a minute ago leave with every so many changes; those that go on stay', () => {
  const topic = emptyTopic()
  takeSnapshot(topic, 'a', 0, {})
  let most = 0
  for (let seq = 1; seq <= 20_000; seq++) {
    const [start, run] = [seq * 40, seq % 100 === 0 ? -1 : 0]
    const set = { [`row-${seq}`]: { start, run }, ...(seq === 1 && { queue: { name: 'mail' } }) }
    takeChange(topic, { seq, set, del: [] })
    forgetRuns(topic, start)
    most = Math.max(most, topic.rows.size)
  }
  // A minute of them is 1,500; one of a hundred never ends.
  expect(most).toBeLessThanOrEqual(1_501 + 256 + 200)
  const left = ['row-18501', 'row-100', 'queue', 'row-101'].map((key) => topic.rows.has(key))
  expect(left).toEqual([true, true, true, false])
})
