// Examples for the gallery: ordinary, hostile and large.

export const series = Array.from({ length: 60 }, (_, minute) => 40 + 12 * Math.sin(minute / 6) + ((minute * 7) % 5))

export const stack = `SMTPError: 450 Greylisted, try again later
    at send (/srv/mailer/smtp.ts:88:11)
    at Pool.request (/srv/node_modules/undici/lib/pool.js:10:2)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`

/** Long, and of no use to anybody. */
export const exampleSecret = `whsec_${'ExampleOfASecret'.repeat(3)}`

export const hostileJson = JSON.stringify({
  '<img src=x onerror=alert(1)>': '</script><script>alert(1)</script>',
  reversed: 'invoice\u202Efdp.exe',
  invisible: 'a\u200Bb\u0000c',
  nested: { deep: [[['end']]], empty: {}, none: [] },
  long: 'x'.repeat(5_000),
}).replace('{', '{"huge":12345678901234567890,')

/** About five megabytes. */
export const largeJson = (): string =>
  JSON.stringify({
    rows: Array.from({ length: 45_000 }, (_, id) => ({
      id,
      name: `row ${id}`,
      tags: ['a', 'b'],
      at: '2026-11-22T10:00:00.000Z',
      note: 'lorem ipsum dolor sit',
    })),
  })

export const tableRows = [
  { name: 'mail.send', state: 'running', count: 312 },
  {
    name: 'a/b.c:d with a name that goes on and on until it no longer fits into any column of any table',
    state: 'failed',
    count: 10_000_000,
  },
  { name: 'مرحبا 🎧', state: 'paused', count: 0 },
]

/** A question in each of its forms: one that is answered, one that is dangerous and fails, and one that cannot be sent. */
export const questions: readonly {
  id: string
  opens: string
  succeeds: boolean
  asks: { title: string; does: string; leave?: string; kind?: 'primary' | 'danger'; reason?: string; wide?: boolean }
}[] = [
  {
    ...{ id: 'plain', opens: 'Ask first', succeeds: true },
    asks: { title: 'Pause mail.send?', does: 'Pause the queue' },
  },
  {
    ...{ id: 'danger', opens: 'Ask and fail', succeeds: false },
    asks: { title: 'End this job?', does: 'End the job', leave: 'Let it run', kind: 'danger' },
  },
  {
    ...{ id: 'wide', opens: 'Ask in vain', succeeds: true },
    asks: { title: 'Change the payload?', does: 'Change it', reason: 'Needs jobs:manage', wide: true },
  },
]
