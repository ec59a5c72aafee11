// Schedules for tests: definitions and records with all that a test does not care about.
import type { z } from 'zod'
import { ScheduleDefinition } from '../../shared/schedules/definition.ts'
import type { ScheduleRecord } from '../../shared/schedules/definition.ts'

export const definition = (over: Partial<z.input<typeof ScheduleDefinition>> = {}): ScheduleDefinition =>
  ScheduleDefinition.parse({
    name: 'A digest',
    job_name: 'report.build',
    trigger: { type: 'interval', every_ms: 60_000 },
    ...over,
  })

/** One that was made at the beginning of 2026 and never changed. */
export const record = (id: string, over: Partial<ScheduleRecord> = {}): ScheduleRecord => ({
  id,
  origin: 'api',
  definition: definition(),
  declared: null,
  changed: [],
  orphanedAt: null,
  pause: null,
  createdAt: Date.UTC(2026, 0, 1),
  updatedAt: Date.UTC(2026, 0, 1),
  by: 'Ada',
  since: Date.UTC(2026, 0, 1),
  version: 1,
  ...over,
})
