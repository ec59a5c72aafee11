// Operations are steered while they run: paused, paced, cancelled, taken back, and tried step by step.
import { createEventLog } from '../stream/log.ts'
import { describe, expect, never, problemOf, test, whileTimePasses } from '../../test/support/operations.ts'

describe('steering', () => {
  test('pauses, goes on where it stood, and is heard between two slices', async ({
    operations,
    runner,
    began,
    counting,
    me,
  }) => {
    const { id } = await began()
    counting.after = async () => {
      delete counting.after
      expect(await operations.pause(me, id)).toMatchObject({ status: 'running', requested: 'pause' })
    }
    expect(await runner.run(id, never)).toBe('ended')
    expect(await operations.show(me, id)).toMatchObject({ status: 'paused', requested: null, progress: { done: 5 } })
    expect(await runner.run(id, never)).toBe('nothing')
    expect(await operations.resume(me, id)).toMatchObject({ status: 'queued' })
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'partially_succeeded', progress: { done: 16 } })
    expect(new Set(Object.values(await counting.counts()))).toEqual(new Set(['1']))
  })

  test('pauses and cancels at once what nobody runs', async ({ operations, began, me }) => {
    const { id } = await began()
    expect(await operations.pause(me, id)).toMatchObject({ status: 'paused' })
    expect(await operations.cancel(me, id)).toMatchObject({ status: 'cancelled', reason: 'It was cancelled.' })
    for (const verb of ['pause', 'resume', 'cancel'] as const)
      expect((await problemOf(operations[verb](me, id))).code).toBe('operation-finished')
    expect((await problemOf(operations.pace(me, id, 1))).code).toBe('operation-finished')
  })

  test('cancels what runs; what is done stays done', async ({ operations, runner, began, counting, me }) => {
    const { id } = await began()
    counting.after = async () => {
      await operations.cancel(me, id)
    }
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'cancelled', progress: { total: 20, done: 5 } })
    expect(Object.keys(await counting.counts())).toHaveLength(7)
  })

  test('keeps the pace, and takes another while it runs', async ({
    operations,
    runner,
    began,
    clock,
    me,
    counting,
  }) => {
    const { id } = await began()
    await operations.pace(me, id, 2)
    const begun = clock.now()
    const times: number[] = []
    counting.after = async (items) => {
      times.push(...items.map(() => clock.now() - begun))
      if (times.length === 5) await operations.pace(me, id, 10)
    }
    await whileTimePasses(clock, runner.run(id, never), 50)
    expect(times).toHaveLength(20)
    const [at5 = 0, last = 0] = [times[4], times[19]]
    expect(at5).toBeGreaterThanOrEqual(2_000)
    expect(at5).toBeLessThan(2_300)
    expect(last - at5).toBeGreaterThanOrEqual(1_300)
    expect(last - at5).toBeLessThan(2_000)
  })

  test('hears a pause while it waits for its pace', async ({ operations, runner, began, clock, me }) => {
    const { id } = await began()
    await operations.pace(me, id, 0.1)
    const run = runner.run(id, never)
    while ((await operations.show(me, id)).progress.done === 0) await new Promise((resolve) => setImmediate(resolve))
    const asked = clock.now()
    await operations.pause(me, id)
    await whileTimePasses(clock, run, 50)
    expect(clock.now() - asked).toBeLessThan(1_000)
    expect(await operations.show(me, id)).toMatchObject({ status: 'paused', progress: { done: 1 } })
  })

  test('takes back what was done, once and in time', async ({ operations, runner, began, clock, me, counting }) => {
    const { id } = await began()
    expect((await problemOf(operations.undo(me, id))).code).toBe('operation-not-undoable')
    await runner.run(id, never)
    const undo = await operations.undo(me, id)
    expect(undo).toMatchObject({ undoes: id, status: 'queued', progress: { total: 20 } })
    expect((await operations.undo(me, id)).id).toBe(undo.id)
    await runner.run(undo.id, never)
    expect(new Set(Object.values(await counting.counts()))).toEqual(new Set(['0']))
    expect(await operations.show(me, undo.id)).toMatchObject({ status: 'succeeded', undo_until: null })
    await clock.advance(60_000)
    const late = await began()
    await runner.run(late.id, never)
    await clock.advance(60_000)
    expect((await problemOf(operations.undo(me, late.id))).code).toBe('operation-not-undoable')
  })
})

describe('a ladder', () => {
  test('tries one, then so many more, then does the rest', async ({ operations, runner, began, counting, me }) => {
    const { id } = await began({ ladder: [1, 5] })
    const sizes: number[] = []
    counting.after = (items) => void sizes.push(items.length)
    await runner.run(id, never)
    expect(sizes.slice(0, 2)).toEqual([1, 5])
    expect(await operations.show(me, id)).toMatchObject({
      progress: { total: 20 },
      watched: {
        ...{ ended: 6, failed_again: 0, failed_otherwise: 0 },
        steps: [
          { until: 1, ended: 1, failed_again: 0, failed_otherwise: 0 },
          { until: 6, ended: 5, failed_again: 0, failed_otherwise: 0 },
        ],
      },
    })
  })

  test('pauses when a step fails again, and goes on when it is told to', async ({
    operations,
    runner,
    began,
    counting,
    me,
  }) => {
    const { id } = await began({ ladder: [1, 5] })
    counting.fate = (item) => (item >= 1 && item <= 3 ? 'bad' : 'good')
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({
      status: 'paused',
      reason: '3 of the 5 looked at last failed again; above 50 % it stops.',
      watched: { ended: 6, failed_again: 3, failed_otherwise: 0, steps: [{}, { until: 6, ended: 5, failed_again: 3 }] },
    })
    expect(Object.keys(await counting.counts())).toHaveLength(6)
    await operations.resume(me, id)
    await runner.run(id, never)
    expect(await operations.show(me, id)).toMatchObject({ status: 'partially_succeeded', reason: null })
    expect(Object.keys(await counting.counts())).toHaveLength(20)
  })

  test('waits for results, not for ever', async ({ operations, runner, began, counting, clock, me }) => {
    const { id } = await began({ ladder: [1] })
    counting.fate = () => 'pending'
    const begun = clock.now()
    await whileTimePasses(clock, runner.run(id, never))
    expect(clock.now() - begun).toBeGreaterThanOrEqual(1_000)
    expect(await operations.show(me, id)).toMatchObject({
      status: 'paused',
      reason: '1 of the 1 tried last came to no result in time.',
    })
  })

  test('says nothing while it waits for results and nothing of it changes', async ({
    kernel,
    runner,
    began,
    counting,
    clock,
  }) => {
    const { id } = await began({ ladder: [1], waitMs: 60_000 })
    counting.fate = () => 'pending'
    await whileTimePasses(clock, runner.run(id, never))
    const log = await createEventLog(kernel).readAfter('0-0', 200)
    // Its speed falls for five seconds; then it pauses.
    const { length } = log.filter(({ name }) => name === 'operation.progress')
    expect(length).toBeGreaterThanOrEqual(5)
    expect(length).toBeLessThanOrEqual(15)
  })

  test('counts how one fared once, also those of a step', async ({ operations, runner, began, clock, me }) => {
    const { id } = await began({ ladder: [1, 5] })
    await operations.pace(me, id, 5)
    await whileTimePasses(clock, runner.run(id, never), 50)
    const { progress, watched } = await operations.show(me, id)
    expect(progress.total).toBe(20)
    expect(watched?.ended).toBeGreaterThan(6)
    expect(watched?.ended).toBeLessThanOrEqual(20)
  })

  test('keeps an eye on the rest', async ({ operations, runner, began, counting, clock, me }) => {
    const { id } = await began({ items: 500, ladder: [1] })
    await operations.pace(me, id, 50)
    counting.fate = (item) => (item > 100 ? 'bad' : 'good')
    await whileTimePasses(clock, runner.run(id, never), 50)
    const shown = await operations.show(me, id)
    expect(shown).toMatchObject({ status: 'paused', reason: expect.stringContaining('failed again') as string })
    expect(shown.progress.done).toBeLessThan(300)
  })
})
