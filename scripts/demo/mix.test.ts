// The demo's jobs are jobs this installation takes.
import { expect, test } from 'vitest'
import type { z } from 'zod'
import { findKind } from '../../shared/catalog/catalog.ts'
import { JobInput } from '../../shared/jobs/contract.ts'
import { random as seeded } from '../../shared/listening/random.ts'
import { nextJob } from './mix.ts'

test('every one is valid, and the mix has something for every page', () => {
  const random = seeded(7)
  const jobs = Array.from({ length: 3_000 }, () => nextJob(() => random.next(), Date.UTC(2026, 10, 22)))
  for (const job of jobs) {
    expect(JobInput.safeParse(job).error).toBeUndefined()
    expect((findKind(job.name)?.payload as z.ZodType | undefined)?.safeParse(job.data)).toMatchObject({ success: true })
  }
  const share = (holds: (job: (typeof jobs)[number]) => boolean) => jobs.filter(holds).length / jobs.length
  for (const priority of ['critical', 'high', 'normal', 'low'])
    expect(share((job) => job.options?.priority === priority)).toBeGreaterThan(0.05)
  expect(share((job) => (job.options?.delay_ms ?? 0) > 0)).toBeGreaterThan(0.1)
  expect(share((job) => job.data?.['fails_until'] !== undefined)).toBeGreaterThan(0.05)
  const dies = share((job) => job.data?.['fails_as'] === 'permanent' || job.data?.['fails_until'] === 50)
  expect(dies).toBeGreaterThan(0.003)
  expect(dies).toBeLessThan(0.03)
})
