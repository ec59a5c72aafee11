// What is discarded and brought back is told to the recorder at once, and counted so in its group.
import { BulkDiscardRequest, DlqQuery } from './contract.ts'
import { describe, expect } from '../../test/support/fixtures.ts'
import { test, tellDead } from '../../test/support/dead.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { DlqGroupQuery } from '../triage/contract.ts'
import { parseNote, recheckKey } from '../triage/recheck.ts'

const T = Date.UTC(2026, 0, 1)
const ids = ['a', 'b', 'c']

/** Jobs the recorder was asked to look at again and has not looked at yet. */
const asked = async (kernel: Kernel): Promise<string[]> =>
  (await kernel.redis.xrange(recheckKey(kernel), '-', '+')).flatMap(([, fields]) => parseNote(fields).ids)

describe('the group of dead letters', () => {
  test('has fewer open ones when one is discarded, and all again when it is restored', async ({
    kernel,
    bull,
    recorder,
    triage,
    dlq,
    me,
  }) => {
    const open = async () => (await triage.list(me, DlqGroupQuery.parse({}))).data.map((group) => group.open)
    await tellDead(kernel, bull, ...ids.map((id, n) => ({ id, at: T + n })))
    await recorder.catchUp()
    expect(await open()).toEqual([3])
    const [entry] = (await dlq.list(me, DlqQuery.parse({ limit: 1 }))).data
    await dlq.discard(me, entry?.id ?? '')
    expect(await asked(kernel)).toEqual(['c'])
    await recorder.catchUp()
    expect(await open()).toEqual([2])
    await dlq.restore(me, entry?.id ?? '')
    expect((await asked(kernel)).at(-1)).toBe('c')
    await recorder.catchUp()
    expect(await open()).toEqual([3])
  })

  test('has none when all that match are discarded, and all again when that is undone', async ({
    kernel,
    bull,
    recorder,
    triage,
    dlq,
    operations,
    runner,
    me,
  }) => {
    const open = async () => (await triage.list(me, DlqGroupQuery.parse({}))).data.map((group) => group.open)
    await tellDead(kernel, bull, ...ids.map((id, n) => ({ id, at: T + n })))
    await recorder.catchUp()
    const { id } = await dlq.discardMany(me, BulkDiscardRequest.parse({ filter: { queue: ['mail'] } }))
    await runner.run(id, new AbortController().signal)
    expect((await asked(kernel)).sort()).toEqual(ids)
    await recorder.catchUp()
    expect((await open()).every((count) => count === 0)).toBe(true)
    const undo = await operations.undo(me, id)
    await runner.run(undo.id, new AbortController().signal)
    expect((await asked(kernel)).slice(-3).sort()).toEqual(ids)
    await recorder.catchUp()
    expect(await open()).toEqual([3])
  })
})
