// What makes two deaths one cause, and what keeps them apart: a table of messages and of stacks.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fingerprintOf, ownFrames } from './fingerprint.ts'
import { normalise } from './normalise.ts'

const cases: [message: string, title: string][] = [
  ['', ''],
  ['boom', 'boom'],
  ['  two\n lines\tof it ', 'two lines of it'],
  ['took 30s of 25.5 s', 'took <n>s of <n> s'],
  ['-3 is not within 1,000 and 2_000', '<n> is not within <n> and <n>'],
  ['status 503 after 1.5e3 ms', 'status <n> after <n> ms'],
  ['ids 1, 2, 3, 4 are gone', 'ids <n>… are gone'],
  ['no user42 in worker-17', 'no user<n> in worker-<n>'],
  ['not utf8, sha256 differs over http2', 'not utf8, sha256 differs over http2'],
  ["Cannot read properties of undefined (reading 'total')", 'Cannot read properties of undefined (reading <text>)'],
  ['no table "users" in `main`, said “he”', 'no table <text> in <text>, said <text>'],
  ["can't stop, won't stop", "can't stop, won't stop"],
  ["it's 'one' and 'two'", "it's <text> and <text>"],
  ['ada.l+x@mail.example.com bounced', '<email> bounced'],
  ['connect ECONNREFUSED 10.0.3.17:6379', 'connect ECONNREFUSED <ip>'],
  ['connect ECONNREFUSED ::1:5432', 'connect ECONNREFUSED <ip>'],
  ['route to 2001:db8:85a3::8a2e:370:7334 lost', 'route to <ip> lost'],
  ['version 1.2.3 is old', 'version <n> is old'],
  [
    'GET https://api.example.com:8443/v1/users/991/cards?page=2&x=%20 failed',
    'GET https://api.example.com/v<n>/users/<id>/cards?<query> failed',
  ],
  ['http://10.1.2.3/health and http://db-7.internal/', 'http://<ip>/health and http://db-<n>.internal/'],
  ['redis://user:secret@cache.example.com:6379/0', 'redis://cache.example.com/<id>'],
  ['order 3f2504e0-4f89-11d3-9a0c-0305e82c3301 is closed', 'order <id> is closed'],
  ['order 3F2504E04F8911D39A0C0305E82C3301 is closed', 'order <id> is closed'],
  ['event 01ARZ3NDEKTSV4RRFFQ69G5FAV twice', 'event <id> twice'],
  ['document 507f1f77bcf86cd799439011', 'document <id>'],
  ['customer cus_9s6XKzkNRiz8i3 has no card', 'customer <id> has no card'],
  ['token eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9 expired', 'token <id> expired'],
  ['at 0x7ffee4 in page', 'at <id> in page'],
  ['deadbeef01 is no commit', '<id> is no commit'],
  ['INSUFFICIENT_FUNDS for PaymentMethodMissing', 'INSUFFICIENT_FUNDS for PaymentMethodMissing'],
  [
    'PROTOCOL_CONNECTION_LOST_2 in some_module_with_long_name',
    'PROTOCOL_CONNECTION_LOST_<n> in some_module_with_long_name',
  ],
  ['2026-11-26T08:01:19.123Z too late', '<time> too late'],
  ['since 2026-11-26 08:01:19 +0100', 'since <time>'],
  ['Thu Nov 26 2026 08:06:46 GMT+0000 (Coordinated Universal Time) is past', '<time> is past'],
  ['Thu, 26 Nov 2026 08:06:46 GMT', '<time>'],
  ['on November 26, 2026 at 8:15 PM', 'on <time> at <time>'],
  ['due 26.11.2026 or 11/26/26', 'due <time> or <time>'],
  ['may fail in Dec', 'may fail in Dec'],
  ['Ölpreis 12 € für Jürgen', 'Ölpreis <n> € für Jürgen'],
]

describe('a message', () => {
  test.each(cases)('%s', (message, title) => expect(normalise(message)).toBe(title))

  test('normalised again stays the same, and is never longer than 200 characters', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2_000 }), (text) => {
        expect(normalise(text).length).toBeLessThanOrEqual(200)
      }),
    )
    for (const [, title] of cases) expect(normalise(title).replaceAll('<<', '<')).toBe(title)
  })

  // One that went over its steps again and again would not be done before the test's time is over.
  test('made to be slow to read is read', () => {
    for (const part of ['a.', '1.', "'", '"a', 'a@', ':a', '1:', 'http://', '-', '1,', 'Mon, ', 'aB1_'])
      expect(normalise(part.repeat(5_000)).length).toBeGreaterThan(0)
  })
})

const stackOf = (root: string, line: number): string =>
  [
    'Error: boom 7',
    `    at Mailer.send (${root}/src/mailer/smtp.ts:${line}:11)`,
    `    at async deliver (file://${root}/src/mailer/deliver-4f9a2c1b.js:${line + 5}:3)`,
    `    at ${root}/node_modules/pg/lib/client.js:526:17`,
    '    at process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    '    at new Promise (<anonymous>)',
    `    at new Job [as run] (${root}/src/job.ts:8:1)`,
    `    at late (${root}/src/late.ts:9:9)`,
  ].join('\n')

describe('a stack', () => {
  test('is told by the three topmost frames of its own code, without lines and installation', () => {
    const own = ['Mailer.send mailer/smtp.ts', 'deliver mailer/deliver.js', 'Job src/job.ts']
    expect(ownFrames(stackOf('/app', 88))).toEqual(own)
    expect(ownFrames(stackOf('/home/ada/work', 12))).toEqual(own)
    expect(ownFrames(stackOf('C:\\app', 12).replaceAll('/', '\\'))).toEqual(own)
  })

  test('of others code only, or none, tells nothing', () => {
    expect(ownFrames('Error: x\n    at connect (/a/node_modules/x/y.js:1:1)\n    at node:net:1:1')).toEqual([])
    expect(ownFrames('')).toEqual([])
  })
})

describe('a fingerprint', () => {
  const failure = {
    name: 'mail.send',
    error: { name: 'SmtpError', message: 'no such mailbox 17', stack: stackOf('/app', 1) },
  }
  const again = (error: Partial<typeof failure.error>) =>
    fingerprintOf({ ...failure, error: { ...failure.error, ...error } }).id

  test('is the same whatever the message was about and wherever the code lies', () => {
    const { id, title } = fingerprintOf(failure)
    expect(title).toBe('no such mailbox <n>')
    expect(id).toMatch(/^[a-z2-7]{16}$/)
    expect(again({ message: 'no such mailbox 4,711', stack: stackOf('/srv/k1n', 99) })).toBe(id)
  })

  test('is another for another name, error, message or way there', () => {
    const ids = [
      fingerprintOf(failure).id,
      fingerprintOf({ ...failure, name: 'mail.copy' }).id,
      again({ name: 'TypeError' }),
      again({ message: 'mailbox full' }),
      again({ stack: stackOf('/app', 1).replace('Mailer.send', 'Mailer.copy') }),
    ]
    expect(new Set(ids).size).toBe(5)
  })

  test('of an error without a message is called by its name', () => {
    expect(fingerprintOf({ name: 'n', error: { name: 'TimeoutError', message: '' } }).title).toBe('TimeoutError')
  })
})
