// Deliveries and endpoints that are not there.
import { expectProblem, path, test } from './work.ts'

test('404 delivery-not-found', async ({ door }) => {
  const at = `${path}/deliveries/dlv_${'a'.repeat(26)}`
  expectProblem(await door.send('GET', at), 404, 'delivery-not-found')
  expectProblem(await door.send('POST', `${at}/retry`), 404, 'delivery-not-found')
})

test('404 webhook-not-found', async ({ door }) => {
  const at = `${path}/wh_nothinghere`
  const body = { from: new Date(0).toISOString() }
  expectProblem(await door.send('GET', `${at}/deliveries`), 404, 'webhook-not-found')
  expectProblem(await door.send('GET', `${at}/health`), 404, 'webhook-not-found')
  expectProblem(await door.send('POST', `${at}/replay`, { body }), 404, 'webhook-not-found')
})
