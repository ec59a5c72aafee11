// The schedules of this installation that its code declares. What operators change of them stands over this, and a deploy does
// not undo it.
import { schedule, schedulesOf } from '../schedules/declare.ts'
import { demoEncode, demoMail, demoReport } from './demo.ts'

const digest = schedule({
  id: 'demo-digest',
  name: 'Demo: digest of the minute',
  job: demoMail,
  data: { to: 'team@smtp.example', subject: 'What happened until {{slot.at}}' },
  trigger: { type: 'interval', every_ms: 60_000 },
  // A digest of a minute is of no use an hour later.
  misfire: 'skip',
  spread_ms: 10_000,
  tags: ['demo'],
})

const nightly = schedule({
  id: 'demo-nightly-report',
  name: 'Demo: report of the night',
  job: demoReport,
  data: { title: 'Report of {{slot.date}}', takes_ms: 2_000 },
  // On the night on which clocks go forward there is no half past two: it runs at half past three then.
  trigger: { type: 'cron', expression: '30 2 * * *', timezone: 'Europe/Berlin' },
  overlap: 'skip',
  tags: ['demo'],
})

const monthly = schedule({
  id: 'demo-monthly-archive',
  name: 'Demo: archive of the month',
  job: demoEncode,
  data: { recording: 'archive-{{slot.date}}', steps: 5 },
  // The last Friday of each month.
  trigger: { type: 'rrule', rule: 'FREQ=MONTHLY;BYDAY=-1FR', dtstart: '2026-01-30T16:00', timezone: 'Europe/Berlin' },
  misfire: 'run_all',
  catchup_limit: 3,
  tags: ['demo'],
})

/** The demo's; `K1N_DEMO=off` declares none. */
export const demoSchedules = schedulesOf(digest, nightly, monthly)
