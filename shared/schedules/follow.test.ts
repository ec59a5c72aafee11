// What schedules promise that wait for facts of k1n: a job for each, and no circle.
import { describe, expect, test } from '../../test/support/scheduling.ts'
import { fact } from '../kernel/event.ts'
import { JobCompleted } from '../jobs/events.ts'
import { EventInput } from '../inbound/contract.ts'
import { createInbound } from '../inbound/inbound.ts'
import { QueueDrained } from '../queues/contract.ts'
import { createEventLog } from '../stream/log.ts'
import { createFactConsumer } from './follow.ts'
import { react } from './react.ts'
import { RunMisfired, RunSkipped } from './run-events.ts'

const completed = (task_id: string) => ({
  ...{ task_id, queue: task_id.split(':')[0] ?? '', name: null, state: 'completed' as const, attempt: 1, priority: 0 },
  ...{ wait_ms: 0, started_at: null, worker_id: null, finished_at: '2026-01-01T00:00:00.000Z', duration_ms: 1 },
})

test('each fact that is meant becomes one job, and jobs that it set off do not set it off again', async ({
  room,
  another,
  put,
  kernel,
  made,
}) => {
  await put('after', { trigger: { type: 'event', event: 'job.completed' } })
  const log = createEventLog(kernel)
  await createFactConsumer(room).catchUp()
  const tasks = ['mail:t_1', 'reports:s_nightly_1795744962000', 'k1n-schedules:repeat:x:1', 'reports:s_after_e1-abc']
  await log.append(tasks.map((task) => fact(JobCompleted, kernel.clock.now(), completed(task))))
  await createFactConsumer(room).catchUp()
  expect(await made()).toHaveLength(2)
  await createFactConsumer(another()).catchUp()
  expect(await made()).toHaveLength(2)
})

test('facts of queues that whoever made it may not see set nothing off, nor do events from outside', async ({
  room,
  put,
  kernel,
  made,
  history,
}) => {
  const hears = (queues: string[]) => ({ hears: { queues, outside: false } })
  await put('narrow', { trigger: { type: 'event', event: 'job.completed' } }, hears(['mail', 'bills-*']))
  await put('orders', { trigger: { type: 'event', event: 'order.*' } }, hears(['*']))
  await createFactConsumer(room).catchUp()
  const tasks = ['mail:t_1', 'bills-eu:t_2', 'secret:t_3']
  await createEventLog(kernel).append(tasks.map((task) => fact(JobCompleted, kernel.clock.now(), completed(task))))
  await createFactConsumer(room).catchUp()
  expect(await made()).toHaveLength(2)
  expect(await history('narrow')).toHaveLength(2)
  expect(await react(room, { id: 'o-1', name: 'order.placed', at: 0, data: { queue: 'mail' } })).toEqual([])
})

test('what came before a schedule was made, or while it was paused, sets nothing off when it is read later', async ({
  room,
  put,
  kernel,
  clock,
  made,
}) => {
  const trigger = { type: 'event', event: 'job.completed' } as const
  await put('there', { trigger })
  await createFactConsumer(room).catchUp()
  const at = clock.now()
  await createEventLog(kernel).append([fact(JobCompleted, at, completed('mail:t_1'))])
  await clock.advance(300_000)
  await put('young', { trigger })
  await put('slept', { trigger }, { since: at, pause: { reason: null, by: 'Ada', at, until: at + 200_000 } })
  await createFactConsumer(room).catchUp()
  expect((await made()).map((id) => id.split('_')[1])).toEqual(['there'])
  await createEventLog(kernel).append([fact(JobCompleted, clock.now(), completed('mail:t_2'))])
  await createFactConsumer(room).catchUp()
  expect(await made()).toHaveLength(4)
})

test('an event from outside whose process was killed before anybody reacted becomes its job, once', async ({
  room,
  another,
  put,
  kernel,
  me,
  made,
}) => {
  await put('receipt', { trigger: { type: 'event', event: 'order.*' }, data: { of: '{{event.id}}' } })
  await createFactConsumer(room).catchUp()
  const order = (id: string) => EventInput.parse({ event: 'order.placed', id, data: {} })
  const killed = createInbound(kernel, { react: () => Promise.reject(new Error('killed')) })
  await expect(killed.publish(me, order('o-1'), { hop: 0 })).rejects.toThrow('killed')
  expect(await made()).toEqual([])
  const alive = createInbound(kernel, { react: (event) => react(room, event) })
  const told = await alive.publish(me, order('o-2'), { hop: 0 })
  await createFactConsumer(another()).catchUp()
  const jobs = (await made()).map((id) => `reports:${id}`)
  expect(jobs).toHaveLength(2)
  expect(jobs).toContain(told.matched[0]?.task_id)
  const again = await alive.publish(me, order('o-1'), { hop: 0 })
  expect(again).toMatchObject({ duplicate: true, matched: [{ schedule_id: 'receipt' }] })
  expect(jobs).toContain(again.matched[0]?.task_id)
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

test('a queue that runs empty sets off what makes jobs elsewhere, and never what makes jobs in it', async ({
  room,
  put,
  kernel,
  made,
}) => {
  await put('after', { trigger: { type: 'event', event: '*' } })
  await createFactConsumer(room).catchUp()
  const drained = (queue: string) => fact(QueueDrained, kernel.clock.now(), { queue, actor: null })
  await createEventLog(kernel).append([drained('reports')])
  await createFactConsumer(room).catchUp()
  expect(await made()).toEqual([])
  await createEventLog(kernel).append([drained('mail')])
  await createFactConsumer(room).catchUp()
  expect(await made()).toHaveLength(1)
})

describe('jobs that events set off', () => {
  const on = (event: string, queue: string) => ({
    ...{ job_name: 'other.work', queue, data: {} },
    trigger: { type: 'event' as const, event, filter: [{ path: 'queue', op: 'eq' as const, value: queue === 'left' ? 'right' : 'left' }] }, // prettier-ignore
  })
  const passed = (told: { data: Record<string, unknown> }[]) => told.filter(({ data }) => data['reason'] === 'circle')

  test('set off others, and never what led to them: two that wait for each other to run empty end', async ({
    room,
    put,
    kernel,
    bull,
    told,
    history,
  }) => {
    await put('a', on('queue.drained', 'left'))
    await put('b', on('queue.drained', 'right'))
    await createFactConsumer(room).catchUp()
    const log = createEventLog(kernel)
    let [queue, task_id] = ['left', 'left:t_1']
    for (let round = 0; round < 3; round++) {
      await log.append([fact(QueueDrained, kernel.clock.now(), { queue, actor: null, task_id })])
      await createFactConsumer(room).catchUp()
      queue = queue === 'left' ? 'right' : 'left'
      const [job] = await bull.queue(queue).getJobs(['waiting'], 0, 0)
      task_id = `${queue}:${String(job?.id)}`
    }
    expect(await bull.queue('right').getJobCounts('waiting')).toEqual({ waiting: 1 })
    expect(await bull.queue('left').getJobCounts('waiting')).toEqual({ waiting: 1 })
    expect(passed(await told())).toMatchObject([{ data: { schedule_id: 'b', reason: 'circle' } }])
    const circle = { skipped: 'circle', detail: 'b → a → b' }
    expect((await history('b')).filter(({ skipped }) => skipped !== undefined)).toMatchObject([circle])
  })

  test('say so in what they make in turn, and of many facts about one job the first is told', async ({
    room,
    put,
    kernel,
    bull,
    told,
  }) => {
    await put('after', { trigger: { type: 'event', event: 'job.completed' } })
    await createFactConsumer(room).catchUp()
    const child = `t_${'a'.repeat(32)}`
    await bull.queue('mail').add('part', {}, { jobId: child, k1n: { hop: 1, via: ['after'] } } as object)
    const ended = () => fact(JobCompleted, kernel.clock.now(), completed(`mail:${child}`))
    await createEventLog(kernel).append([ended(), ended()])
    await createFactConsumer(room).catchUp()
    expect(passed(await told())).toHaveLength(1)
  })

  test('end after five rounds, whatever way they come back', async ({ room, put, kernel, made, history }) => {
    await put('after', { trigger: { type: 'event', event: 'job.completed' } })
    await createFactConsumer(room).catchUp()
    const of = (hop: number) => fact(JobCompleted, kernel.clock.now(), completed(`mail:s_other_e${hop}-x`))
    await createEventLog(kernel).append([of(5), of(6)])
    await createFactConsumer(room).catchUp()
    const [job = ''] = await made()
    expect(job).toMatch(/^s_after_e6-/)
    const skip = (await history('after')).find(({ skipped }) => skipped !== undefined)
    expect(skip).toMatchObject({ skipped: 'circle', detail: expect.stringContaining('6 times') as unknown })
  })
})
