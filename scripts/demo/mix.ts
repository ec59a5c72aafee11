// What the demo enqueues: an ordinary day of a small company, with failures where days have them.
import type { z } from 'zod'
import type { JobInput } from '../../shared/jobs/contract.ts'

export type DemoJob = z.input<typeof JobInput>

const people = ['ada', 'grace', 'edsger', 'barbara', 'alan', 'katherine', 'donald', 'radia']
const subjects = ['Your receipt', 'Welcome', 'Password reset', 'Your weekly summary', 'A new sign-in', 'Invoice ready']
const recordings = ['session-14', 'interview', 'podcast-203', 'field-notes', 'keynote', 'album-side-b']
const reports = ['Sales by region', 'Churn', 'Listening by hour', 'Refunds', 'Stock levels']

interface Chance {
  /** A whole number from `min` to `max`. */
  whole(min: number, max: number): number
  one<T>(list: readonly T[]): T
  /** True in this share of cases. */
  share(of: number): boolean
}

const chanceOf = (random: () => number): Chance => ({
  whole: (min, max) => min + Math.floor(random() * (max - min + 1)),
  one: (list) => list[Math.floor(random() * list.length)] as (typeof list)[number],
  share: (of) => random() < of,
})

type Failing = { fails_until?: number; fails_as?: 'transient' | 'permanent' | 'rate_limited' | 'timeout' }

/** Most succeed; some need another attempt; about one in a hundred dies. */
const failing = (chance: Chance, usual: Failing['fails_as']): Failing => {
  if (chance.share(0.006)) return { fails_until: 1, fails_as: 'permanent' }
  if (chance.share(0.006)) return { fails_until: 50, fails_as: usual ?? 'transient' }
  if (chance.share(0.1)) return { fails_until: chance.whole(1, 2), fails_as: usual ?? 'transient' }
  return {}
}

const mail = (chance: Chance): DemoJob => ({
  name: 'demo.mail',
  data: {
    to: `${chance.one(people)}@example.com`,
    subject: chance.one(subjects),
    takes_ms: chance.whole(60, 900),
    ...failing(chance, 'transient'),
  },
  options: { priority: chance.share(0.2) ? 'high' : 'normal' },
  tags: ['demo'],
})

const charge = (chance: Chance): DemoJob => ({
  name: 'demo.charge',
  data: {
    customer: chance.one(people),
    amount_cents: chance.whole(199, 19_900),
    takes_ms: chance.whole(200, 1_500),
    ...failing(chance, 'rate_limited'),
  },
  options: { priority: 'critical' },
  tags: ['demo'],
})

const encode = (chance: Chance): DemoJob => ({
  name: 'demo.encode',
  data: {
    recording: `${chance.one(recordings)}.wav`,
    steps: chance.whole(5, 20),
    takes_ms: chance.whole(2_000, 15_000),
    ...failing(chance, 'timeout'),
  },
  options: { priority: 'low' },
  tags: ['demo'],
})

const report = (chance: Chance, now: number): DemoJob => ({
  name: 'demo.report',
  data: {
    title: chance.one(reports),
    takes_ms: chance.whole(500, 4_000),
    ...(chance.share(0.15) ? { not_before: new Date(now + chance.whole(40, 90) * 1_000).toISOString() } : {}),
    ...failing(chance, 'transient'),
  },
  options: { priority: 'normal', delay_ms: chance.whole(2, 60) * 1_000 },
  tags: ['demo'],
})

/** The next job of the day. */
export const nextJob = (random: () => number, now: number): DemoJob => {
  const chance = chanceOf(random)
  const drawn = chance.whole(1, 20)
  if (drawn <= 10) return mail(chance)
  if (drawn <= 14) return charge(chance)
  if (drawn <= 16) return encode(chance)
  return report(chance, now)
}
