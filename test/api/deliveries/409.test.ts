// What cannot be sent once more, or not now.
import { jobId, keyOfId } from '../../../shared/deliveries/id.ts'
import { expect, expectProblem, hookId, path, started, test } from './work.ts'

const params = { webhook_id: hookId }
const body = { from: new Date(0).toISOString() }

test('409 webhook-disabled', async ({ door, tell }) => {
  const [id = ''] = await tell(1)
  await door.client.webhooks.edit({ params, body: { enabled: false } })
  expectProblem(await door.send('POST', `${path}/deliveries/${id}/retry`), 409, 'webhook-disabled')
  for (const more of [{}, { dry_run: true }, { missing: true, dry_run: true }])
    expectProblem(
      await door.send('POST', `${path}/${hookId}/replay`, { body: { ...body, ...more } }),
      409,
      'webhook-disabled',
    )
})

test('409 delivery-not-resendable when neither the job nor the fact is kept', async ({ door, tell, bull, kernel }) => {
  const [id = ''] = await tell(1)
  const job = await bull.queue('k1n-webhooks').getJob(jobId(keyOfId(id)))
  await job?.remove()
  await kernel.redis.xtrim(kernel.key('events'), 'MAXLEN', 0)
  expectProblem(await door.send('POST', `${path}/deliveries/${id}/retry`), 409, 'delivery-not-resendable')
})

test('409 delivery-in-flight while it is being sent', async ({ door, hook, tell, work }) => {
  let finish = (): void => undefined
  hook.answer = (_request, response) => {
    finish = () => void response.end()
  }
  const [id = ''] = await tell(1)
  const worked = work()
  const show = () => door.client.deliveries.show({ params: { delivery_id: id } })
  await expect.poll(async () => (await show()).status).toBe('in_flight')
  expect((await show()).next_attempt_at).toBeNull()
  expectProblem(await door.send('POST', `${path}/deliveries/${id}/retry`), 409, 'delivery-in-flight')
  finish()
  await worked
})

test('409 replay-running while another goes on', async ({ door, tell, run }) => {
  await tell(1)
  const first = started(await door.client.deliveries.replay({ params, body }))
  expectProblem(await door.send('POST', `${path}/${hookId}/replay`, { body }), 409, 'replay-running')
  // Nor beside one that its caller may not see.
  const key = await door.keyWith(['webhooks:read', 'webhooks:write', 'events:read'], ['*', 'none'])
  const headers = { authorization: `Bearer ${key}` }
  expectProblem(await door.send('POST', `${path}/${hookId}/replay`, { body, headers }), 409, 'replay-running')
  await run(first.id)
  expect((await door.send('POST', `${path}/${hookId}/replay`, { body })).status).toBe(202)
})
