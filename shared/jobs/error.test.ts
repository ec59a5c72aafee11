// What people are told of a job's error: what our worker judged, wherever the job is shown.
import { describe, expect, test as base, testCatalog } from '../../test/support/rooms.ts'
import { createTestKit } from '../testing/testing.ts'
import type { TestKit } from '../testing/testing.ts'
import { permanent } from '../catalog/handler.ts'
import { DlqQuery } from '../dlq/contract.ts'
import { JobsQuery } from './contract.ts'

interface Throws {
  thrown: Error
}
const test = base.extend<{ mail: Throws; kit: TestKit<typeof testCatalog> }>({
  mail: async ({}, use) => use({ thrown: new Error() }),
  kit: async ({ kernel, bull, mail }, use) => {
    const throws = () => Promise.reject(mail.thrown)
    const handlers = { 'mail.send': throws, 'report.build': throws }
    const kit = createTestKit(kernel, { catalog: testCatalog, handlers, bull })
    await use(kit)
    await kit.close()
  },
})

const named = (name: string, message: string, more: object = {}) => Object.assign(new Error(message), { name, ...more })

describe('the class of an error', () => {
  for (const [thrown, judged] of [
    [
      named('OutboundError', 'no such host', { code: 'dns' }),
      { name: 'OutboundError', code: 'dns', class: 'transient' },
    ],
    [named('Slow', 'too slow', { code: 'ETIMEDOUT' }), { name: 'Slow', code: 'ETIMEDOUT', class: 'timeout' }],
    [permanent(named('BadMail', 'no such box')), { name: 'BadMail', class: 'permanent' }],
    [named('Odd', 'says nothing'), { name: 'Odd', class: 'unknown' }],
  ] as const)
    test(`is what our worker judged: ${judged.name}`, async ({ kit, mail, jobs, dlq, retries, me }) => {
      mail.thrown = thrown
      const { id } = await kit.perform('mail.send', { to: 'ada' }, { attempts: 2 })
      const address = { queue: 'mail', id }
      const shown = async () => {
        const list = await jobs.list(me, JobsQuery.parse({ queue: 'mail', state: ['delayed', 'failed'] }))
        const filtered = await jobs.list(me, JobsQuery.parse({ queue: 'mail', error_class: judged.class }))
        expect(filtered.data.map((job) => job.id)).toEqual([`mail:${id}`])
        expect((await retries.show(address)).error_class).toBe(judged.class)
        return [list.data[0]?.error, (await jobs.show(me, address)).error]
      }
      expect(await shown()).toMatchObject([judged, judged])
      await kit.drain('mail')
      expect(await shown()).toMatchObject([judged, judged])
      const result = await jobs.result(address, 0)
      expect(result.body).toMatchObject({ error: judged })
      const dead = await dlq.list(me, DlqQuery.parse({ queue: 'mail', error_class: judged.class }))
      expect(dead.data).toMatchObject([{ error: judged }])
      await jobs.retry(me, address, { resetAttempts: true, delayMs: 0 })
      expect((await jobs.show(me, address)).error).toMatchObject(judged)
    })

  test('is unknown for reasons others wrote, whatever they are', async ({ kernel, bull, jobs, me, foreign }) => {
    await foreign('odd').waitUntilReady()
    for (const reason of ['constructor', '__proto__', 'toString', 'because']) {
      const { id = '' } = await foreign('odd').add('x', {})
      const more = { failedReason: 'no', k1nReason: reason, k1nError: '{"class":"constructor"}' }
      await kernel.redis.hset(bull.keys('odd').job(id), more)
      expect((await jobs.show(me, { queue: 'odd', id })).error).toMatchObject({ name: 'Error', class: 'unknown' })
    }
  })

  test('is unknown again when somebody else ran the job since', async ({ kit, mail, jobs, me, work }) => {
    mail.thrown = named('OutboundError', 'no such host', { code: 'dns' })
    const { id } = await kit.perform('mail.send', { to: 'ada' }, { attempts: 2 })
    await jobs.promote(me, { queue: 'mail', id })
    const worker = work('mail', () => Promise.reject(named('Foreign', 'another reason')))
    await new Promise((resolve) => worker.once('failed', resolve))
    const { error } = await jobs.show(me, { queue: 'mail', id })
    expect(error).toMatchObject({ name: 'Foreign', message: 'another reason', class: 'unknown' })
  })
})
