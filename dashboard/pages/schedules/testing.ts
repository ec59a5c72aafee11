// Schedules and runs for tests, with all that a test does not care about.
import type { Schedule } from '../../../shared/schedules/contract.ts'
import type { ScheduleRun } from '../../../shared/schedules/runs-contract.ts'

export const NOW = Date.parse('2026-11-22T10:00:00.000Z')
export const iso = (ms: number): string => new Date(ms).toISOString()

/** One that fires every morning in Berlin and was made through the API. */
export const scheduleOf = (over: Partial<Schedule> = {}): Schedule => ({
  id: 'digest',
  origin: 'api',
  name: 'A digest',
  job_name: 'demo.mail',
  queue: 'mail',
  data: { to: 'ada@example.org' },
  trigger: { type: 'cron', expression: '0 9 * * *', timezone: 'Europe/Berlin' },
  start_at: null,
  end_at: null,
  max_runs: null,
  jitter_ms: 0,
  spread_ms: 0,
  overlap: 'allow',
  misfire: 'run_once',
  grace_ms: 60_000,
  catchup_limit: 100,
  job_options: {},
  tags: [],
  description: 'at 09:00 (Europe/Berlin)',
  paused: null,
  orphaned_at: null,
  next_run_at: iso(NOW + 300_000),
  last_run: null,
  run_count: 0,
  skipped_count: 0,
  hears: null,
  changed: [],
  declared: null,
  version: 1,
  created_at: iso(NOW - 86_400_000),
  updated_at: iso(NOW - 86_400_000),
  by: 'Ada',
  ...over,
})

/** One that ran in time, so many minutes ago. */
export const runOf = (minutesAgo: number, over: Partial<ScheduleRun> = {}): ScheduleRun => {
  const at = NOW - minutesAgo * 60_000
  return {
    id: String(at),
    schedule_id: 'digest',
    status: 'completed',
    source: 'cron',
    scheduled_for: iso(at),
    until: null,
    slots: 1,
    skipped: null,
    detail: null,
    planned_at: iso(at),
    triggered_at: iso(at + 40),
    started_at: iso(at + 50),
    finished_at: iso(at + 1_050),
    lag_ms: 40,
    duration_ms: 1_000,
    task_id: `mail:s_digest_${at}`,
    queue: 'mail',
    actor: null,
    reason: null,
    event_id: null,
    error: null,
    ...over,
  }
}

/** The same, but its job was made so long after its time. */
export const lateRun = (minutesAgo: number, ms: number): ScheduleRun =>
  runOf(minutesAgo, { triggered_at: iso(NOW - minutesAgo * 60_000 + ms) })

export const skippedRun = (minutesAgo: number, skipped: ScheduleRun['skipped'], slots = 1): ScheduleRun =>
  runOf(minutesAgo, { status: 'skipped', skipped, slots, task_id: null, triggered_at: null, started_at: null, finished_at: null, lag_ms: null, duration_ms: null }) // prettier-ignore
