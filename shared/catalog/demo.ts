// The demo's kinds: they do no real work. Each payload says what shall happen, so that every page has something to show.
import { z } from 'zod'
import { kind } from './kind.ts'

/** What the handler pretends: how long it takes, and how and until when it fails. */
const script = {
  takes_ms: z.int().min(0).max(60_000).default(200).describe('How long an attempt takes.'),
  fails_until: z
    .int()
    .min(0)
    .max(50)
    .default(0)
    .describe('Attempts up to this number fail; 0 never fails, more than the attempts allowed ends as a dead letter.'),
  fails_as: z
    .enum(['transient', 'permanent', 'rate_limited', 'timeout'])
    .default('transient')
    .describe('What kind of failure it is; `permanent` dies at the first.'),
}
const done = z.object({ did: z.string(), attempt: z.int() })

export const demoMail = kind({
  name: 'demo.mail',
  queue: 'mail',
  summary: 'Demo: pretends to send a mail.',
  payload: z.strictObject({ to: z.string().max(200), subject: z.string().max(200), ...script }),
  result: done,
  retry: { attempts: 4, backoff: { delay_ms: 1_000, max_ms: 20_000, jitter: 'equal' } },
  timeoutMs: 10_000,
  service: 'smtp.example',
})

export const demoCharge = kind({
  name: 'demo.charge',
  queue: 'billing',
  summary: 'Demo: pretends to charge a card.',
  payload: z.strictObject({ customer: z.string().max(200), amount_cents: z.int().min(0), ...script }),
  result: done,
  retry: { attempts: 3, backoff: { type: 'custom', delays: [2_000, 8_000], jitter: 'none' } },
  timeoutMs: 10_000,
  service: 'payments.example',
})

export const demoEncode = kind({
  name: 'demo.encode',
  queue: 'media',
  summary: 'Demo: pretends to encode a recording, with progress and log lines.',
  payload: z.strictObject({ recording: z.string().max(200), steps: z.int().min(1).max(100).default(10), ...script }),
  result: done,
  retry: { attempts: 3, backoff: { type: 'fixed', delay_ms: 5_000, jitter: 'equal' } },
  timeoutMs: 60_000,
})

export const demoReport = kind({
  name: 'demo.report',
  queue: 'reports',
  summary: 'Demo: pretends to build a report; may put itself off once.',
  payload: z.strictObject({
    title: z.string().max(200),
    not_before: z.iso.datetime().optional().describe('Until then the job puts itself off, which costs no attempt.'),
    ...script,
  }),
  result: done,
  retry: { attempts: 2 },
  timeoutMs: 30_000,
})
