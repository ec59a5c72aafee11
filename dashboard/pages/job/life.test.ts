// The history of a job must tell in order what is known, and by whom.
import { expect, test } from 'vitest'
import type { Attempt } from '../../../shared/attempts/contract.ts'
import type { AuditEntry } from '../../../shared/audit/contract.ts'
import type { Job } from '../../../shared/jobs/contract.ts'
import { lifeOf } from './life.ts'

const iso = (second: number): string => new Date(Date.UTC(2026, 10, 22, 10, 0, second)).toISOString()

test('moments stand in order, the newest first, with who did what', () => {
  const job = { queue: 'mail', created_at: iso(0) } as Job
  const error = { name: 'SMTPError', message: 'Greylisted', class: 'transient' as const }
  const attempts: Attempt[] = [
    { attempt: 1, started_at: iso(1), finished_at: iso(3), duration_ms: 2_000, outcome: 'retrying', delay_ms: 9_000, error, worker_id: 'w_a', inferred: false }, // prettier-ignore
    { attempt: 2, started_at: iso(12), finished_at: null, duration_ms: null, outcome: null, delay_ms: null, worker_id: null, inferred: false }, // prettier-ignore
  ]
  const audit = [
    { at: iso(10), actor: { kind: 'key', id: 'k', name: 'Ada' }, action: 'promoteJob', reason: 'Urgent' },
  ] as AuditEntry[]
  expect(lifeOf(job, attempts, audit).map(({ word, says }) => `${word} – ${says}`)).toEqual([
    'Started – Attempt 2',
    'Promoted – By Ada: Urgent',
    'Failed, tried again – Attempt 1, ran 2.0 s. SMTPError: Greylisted',
    'Started – Attempt 1 on w_a',
    'Added – To mail',
  ])
})
