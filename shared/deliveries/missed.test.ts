// Ends of jobs that were trimmed from their queue's events before anybody read them are sent to endpoints all the same.
import { expect, register, test } from '../../test/support/deliveries.ts'
import { tellDead } from '../../test/support/dead.ts'
import { createRecorder } from '../recorder/recorder.ts'

test('what a queue told while nobody recorded, and has trimmed since, reaches the endpoints', async ({
  kernel,
  bull,
  hook,
  fanOut,
  deliver,
}) => {
  await register(kernel, 'wh_a', hook.url, { event_types: ['job.failed', 'system.gap'], concurrency: 10 })
  const recorder = createRecorder(kernel, bull)
  const now = Date.now()
  const die = (...ids: string[]) => tellDead(kernel, bull, ...ids.map((id, n) => ({ id, at: now + n })))
  await bull.claim('mail')
  await die('seen')
  await recorder.catchUp()
  await fanOut.catchUp()
  await deliver()
  await die('missed-1', 'missed-2', 'last')
  await kernel.redis.xtrim(bull.keys('mail').events, 'MAXLEN', 1)
  await recorder.catchUp()
  await fanOut.catchUp()
  await deliver()
  const heard = hook.heard.map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> })
  const failed = heard.filter(({ type }) => type === 'job.failed').map(({ data }) => data['task_id'])
  expect(failed.sort()).toEqual(['mail:last', 'mail:missed-1', 'mail:missed-2', 'mail:seen'])
  expect(heard.filter(({ type }) => type === 'system.gap')).toMatchObject([{ data: { queue: 'mail', recovered: 2 } }])
})
