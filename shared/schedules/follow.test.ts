// What schedules promise that wait for facts of k1n: a job for each, and no circle.
import { expect, test } from '../../test/support/scheduling.ts'
import { fact } from '../kernel/event.ts'
import { JobCompleted } from '../jobs/events.ts'
import { createEventLog } from '../stream/log.ts'
import { createFactConsumer } from './follow.ts'
import { RunMisfired, RunSkipped } from './run-events.ts'

const completed = (task_id: string) => ({
  ...{ task_id, queue: task_id.split(':')[0] ?? '', name: null, state: 'completed' as const, attempt: 1, priority: 0 },
  ...{ wait_ms: 0, started_at: null, worker_id: null, finished_at: '2026-01-01T00:00:00.000Z', duration_ms: 1 },
})

test('each fact that is meant becomes one job, and jobs that facts set off set nothing off', async ({
  room,
  another,
  put,
  kernel,
  made,
}) => {
  await put('after', { trigger: { type: 'event', event: 'job.completed' } })
  const log = createEventLog(kernel)
  await createFactConsumer(room).catchUp()
  const tasks = ['mail:t_1', 'reports:s_nightly_1795744962000', 'k1n-schedules:repeat:x:1', 'reports:s_after_e-abc']
  await log.append(tasks.map((task) => fact(JobCompleted, kernel.clock.now(), completed(task))))
  await createFactConsumer(room).catchUp()
  expect(await made()).toHaveLength(2)
  await createFactConsumer(another()).catchUp()
  expect(await made()).toHaveLength(2)
})

test('what a schedule passes over sets nothing off, that schedule least of all', async ({
  room,
  put,
  kernel,
  made,
  told,
}) => {
  await put('after', { trigger: { type: 'event', event: '*' }, overlap: 'skip' })
  const log = createEventLog(kernel)
  const now = kernel.clock.now()
  await createFactConsumer(room).catchUp()
  // The first is what this schedule would say of the second.
  await log.append([fact(JobCompleted, now, completed('mail:t_1')), fact(JobCompleted, now, completed('mail:t_2'))])
  await createFactConsumer(room).catchUp()
  const passed = { schedule_id: 'nightly', queue: 'mail', slots: 1, reason: 'missed' as const }
  const at = '2026-01-01T00:00:00.000Z'
  await log.append(
    [RunSkipped, RunMisfired].map((each) => fact(each, now, { ...passed, scheduled_for: at, until: at })),
  )
  for (let round = 0; round < 3; round++) await createFactConsumer(room).catchUp()
  expect(await made()).toHaveLength(1)
  expect(
    (await told()).filter(({ data }) => data['schedule_id'] === 'after' && data['reason'] === 'overlap'),
  ).toHaveLength(1)
})
