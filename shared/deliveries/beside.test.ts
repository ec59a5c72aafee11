// What runs beside deliveries ends with its process, whatever Redis does.
import { expect, test } from '../../test/support/deliveries.ts'
import { createBeside } from './beside.ts'

test('what is written beside jobs is waited for when the process stops, but not for ever', async ({
  kernel,
  store,
  clock,
}) => {
  const beside = createBeside(kernel, store)
  const writing = Promise.withResolvers<undefined>()
  beside.add(writing.promise)
  let stopped = 0
  const count = (): number => stopped++
  const first = beside.service.stop().then(count)
  await clock.advance(1_999)
  expect(stopped).toBe(0)
  await clock.advance(1)
  await first
  const second = beside.service.stop().then(count)
  writing.resolve(undefined)
  await second
  expect(clock.sleepers).toBe(0)
})
