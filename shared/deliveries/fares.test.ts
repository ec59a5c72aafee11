// How attempts at endpoints are counted: what says something new at once, the rest together.
import { expect, test } from '../../test/support/deliveries.ts'

test('a success that began before its endpoint asked to rest does not end that rest, one that began after it does', async ({
  store,
  clock,
}) => {
  const before = clock.now()
  await clock.advance(10)
  const until = clock.now() + 60_000
  await store.rest('wh_a', until)
  expect(await store.fares.tell('wh_a', true, 5, before)).toMatchObject({ failures: 0, restsUntil: until })
  expect(await store.standing('wh_a')).toMatchObject({ restsUntil: until })
  await clock.advance(10)
  expect(await store.fares.tell('wh_a', true, 5, clock.now())).toMatchObject({ restsUntil: undefined })
  expect(await store.standing('wh_a')).toMatchObject({ restsUntil: undefined })
})
