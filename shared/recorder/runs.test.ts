// What the history of a schedule promises: when each of its jobs began, and what came of it, once.
import { describe, every, expect, test } from '../../test/support/scheduling.ts'
import { die } from '../../test/support/rooms.ts'
import { carry } from '../schedules/carry.ts'
import { scheduleKeys } from '../schedules/keys.ts'
import { wakeDue } from '../schedules/waker.ts'
import { createRecorder } from './recorder.ts'

const MINUTE = 60_000

describe('a run', () => {
  test('whose job ended and went before it was told of is told by the next, and is no second job', async ({
    room,
    another,
    put,
    clock,
    made,
    told,
    kernel,
    bull,
    work,
  }) => {
    await put('digest', { ...every(MINUTE), job_options: { remove_on_complete: true } })
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    const killed = another()
    const cut = { ...killed, state: { ...killed.state, tell: () => Promise.reject(new Error('killed')) } }
    await expect(carry(cut, 'digest')).rejects.toThrow('killed')
    const worker = work('reports', () => Promise.resolve({}))
    await new Promise((resolve) => worker.once('completed', resolve))
    await worker.close()
    await createRecorder(kernel, bull).catchUp()
    await clock.advance(3_000)
    expect(await made()).toEqual([])
    await wakeDue(room)
    expect(await made()).toEqual([])
    const triggered = (await told()).filter(({ name }) => name === 'scheduler.schedule_triggered')
    expect(triggered).toMatchObject([{ data: { schedule_id: 'digest', queue: 'reports' } }])
  })

  test('is told with its slot, its times and its outcome, once', async ({
    kernel,
    bull,
    room,
    put,
    clock,
    made,
    told,
    work,
  }) => {
    await put('digest', every(MINUTE))
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    const [id = ''] = await made()
    const worker = work('reports', () => Promise.resolve({}))
    await new Promise((resolve) => worker.once('completed', resolve))
    await createRecorder(kernel, bull).catchUp()
    await createRecorder(kernel, bull).catchUp()
    const executed = (await told()).filter(({ name }) => name === 'scheduler.task_executed')
    const slot = Number(id.split('_')[2])
    expect(executed).toMatchObject([
      {
        data: {
          ...{ schedule_id: 'digest', task_id: `reports:${id}`, queue: 'reports', outcome: 'completed' },
          scheduled_for: new Date(slot).toISOString(),
        },
      },
    ])
    const runs = await kernel.redis.hgetall(scheduleKeys(kernel).runs('digest'))
    expect(Object.keys(runs).sort()).toEqual([`${slot}`, `${slot}:began`, `${slot}:ended`])
    expect(JSON.parse(runs[`${slot}:ended`] ?? '')).toMatchObject({ outcome: 'completed' })
  })

  test('that failed tells its error, and another life of its job changes nothing', async ({
    kernel,
    bull,
    room,
    put,
    clock,
    made,
    told,
    work,
  }) => {
    await put('digest', every(MINUTE))
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    const [id = ''] = await made()
    await die({ work, bull }, 'reports', [id])
    await bull.queue('reports').retryJobs({ count: 1, timestamp: Date.now() + 1_000 })
    const worker = work('reports', () => Promise.resolve({}))
    await new Promise((resolve) => worker.once('completed', resolve))
    await createRecorder(kernel, bull).catchUp()
    const executed = (await told()).filter(({ name }) => name === 'scheduler.task_executed')
    expect(executed).toMatchObject([{ data: { outcome: 'failed', error: { message: 'no such mailbox' } } }])
  })

  test('that was removed before it began counts as cancelled', async ({ kernel, bull, room, put, clock, made }) => {
    await put('digest', every(MINUTE))
    await carry(room, 'digest')
    await clock.advance(MINUTE)
    await carry(room, 'digest')
    const [id = ''] = await made()
    await bull.queue('reports').remove(id)
    await createRecorder(kernel, bull).catchUp()
    const ended = await kernel.redis.hget(scheduleKeys(kernel).runs('digest'), `${id.split('_')[2] ?? ''}:ended`)
    expect(JSON.parse(ended ?? '')).toMatchObject({ outcome: 'cancelled', started_at: null })
  })

  test('that ends lets the slot that waits for it be looked at at once', async ({
    kernel,
    bull,
    room,
    put,
    clock,
    made,
  }) => {
    await put('digest', { ...every(MINUTE), overlap: 'queue_one' })
    await put('other', every(MINUTE))
    for (const id of ['digest', 'other']) await carry(room, id)
    for (let n = 0; n < 2; n++) {
      await clock.advance(MINUTE)
      for (const id of ['digest', 'other']) await carry(room, id)
    }
    const keys = scheduleKeys(kernel)
    const before = await kernel.redis.zmscore(keys.due, 'digest', 'other')
    for (const id of await made()) await bull.queue('reports').remove(id)
    await createRecorder(kernel, bull).catchUp()
    const after = await kernel.redis.zmscore(keys.due, 'digest', 'other')
    expect(Number(after[0])).toBeLessThan(Number(before[0]))
    expect(after[1]).toBe(before[1])
  })
})
