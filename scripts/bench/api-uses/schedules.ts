// Uses of schedules.
import { payloadOf } from '../catalog.ts'
import { get, patch, post, put, remove } from './use.ts'
import type { Made, Use } from './use.ts'

const trigger = { type: 'cron', expression: '0 3 * * *', timezone: 'Europe/Berlin' }
const schedule = ({ n = '' }: Made): string => `/scheduler/schedules/s-${n}`
export const schedules: readonly Use[] = [
  post(
    'createSchedule',
    () => '/scheduler/schedules',
    ({ n = '' }) => ({ id: `s-${n}`, name: 'Every night', job_name: 'noop', data: payloadOf(1), trigger }),
  ),
  put('putSchedule', schedule, () => ({ name: 'Each night', job_name: 'noop', data: payloadOf(1), trigger })),
  get('getSchedule', schedule),
  patch('editSchedule', schedule, () => ({ overlap: 'skip' })),
  post(
    'pauseSchedule',
    (made) => `${schedule(made)}/pause`,
    () => ({ reason: 'a holiday' }),
  ),
  post('resumeSchedule', (made) => `${schedule(made)}/resume`),
  get('previewSchedule', (made) => `${schedule(made)}/preview`),
  post(
    'triggerSchedule',
    (made) => `${schedule(made)}/trigger`,
    () => ({}),
  ),
  get('listScheduleRuns', (made) => `${schedule(made)}/runs`),
  remove('deleteSchedule', schedule),
  post(
    'validateTrigger',
    () => '/scheduler/validate',
    () => ({ trigger }),
  ),
  get('listSchedules', () => '/scheduler/schedules'),
  get('listForeignSchedulers', () => '/scheduler/foreign'),
  get('listUpcomingRuns', () => '/scheduler/upcoming'),
  get('listSchedulerHistory', () => '/scheduler/history'),
  get('getSchedulerMetrics', () => '/metrics/scheduler'),
]
