// Trying a job again whose service is known to be down: refused with when to come back, unless it is forced.
import { expect, expectProblem, test } from '../fixtures.ts'

test('a retry is refused while the breaker of its service is held open, and goes through when forced', async ({
  door,
}) => {
  const { rooms } = door.api
  await rooms.bull
    .queue('mail')
    .add('demo.mail', { to: 'ada@example.com', subject: 'Hello' }, { jobId: 't_a', delay: 600_000 })
  await door.client.breakers.forceOpen({
    params: { service: 'smtp.example' },
    body: { ttl_s: 60, reason: 'maintenance of the mail server' },
  })
  const path = '/api/v2/error-recovery/retry/mail:t_a'
  expect((await door.send('GET', path)).json).toMatchObject({
    circuit: { service: 'smtp.example', state: 'forced_open' },
  })
  const refused = await door.send('POST', `${path}/retry`, { body: {} })
  expectProblem(refused, 409, 'circuit-open')
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  const forced = await door.send('POST', `${path}/retry`, { body: { force: true } })
  // Forced open, it parks the job all the same, and the answer says so.
  expect(forced).toMatchObject({ status: 202, json: { circuit: { service: 'smtp.example', state: 'forced_open' } } })
})
