// One caller keeps a process busy with so much and no more; what comes beyond that waits in order, and others do not wait for it.
import { expect, test } from 'vitest'
import { isProblem } from '../../shared/kernel/problem.ts'
import { AT_ONCE_MAX, STAYING_ALL_MAX, STAYING_MAX, WAITING_MAX, callerOf, createPlaces } from './places.ts'
import type { Places, Stay } from './places.ts'

const ignore = (): void => undefined

/** Whether it has to wait; nobody then waits for it to end. */
const waits = (stay: Stay): boolean => stay.turn()?.catch(ignore) !== undefined

/** Enters so often; tells who begins, in which order, and lets each leave. */
const crowd = (places: Places, caller: string, count: number, begun: string[]): Stay[] =>
  Array.from({ length: count }, (_, n) => {
    const stay = places.enter(caller)
    const turn = stay.turn()
    if (turn === undefined) begun.push(`${caller}${n}`)
    else void turn.then(() => begun.push(`${caller}${n}`), ignore)
    return stay
  })

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('so many of one caller begin at once, and the others one by one in the order they came', async () => {
  const begun: string[] = []
  const stays = crowd(
    createPlaces(() => undefined),
    'a',
    150,
    begun,
  )
  expect(begun).toHaveLength(AT_ONCE_MAX)
  for (const [n, stay] of stays.entries()) {
    stay.leave()
    await settled()
    expect(begun).toHaveLength(Math.min(150, AT_ONCE_MAX + n + 1))
  }
  expect(begun).toEqual(Array.from({ length: 150 }, (_, n) => `a${n}`))
})

test('a caller with a full line keeps no other from its turn', async () => {
  const begun: string[] = []
  const places = createPlaces(() => undefined)
  const busy = crowd(places, 'a', AT_ONCE_MAX + WAITING_MAX, begun)
  crowd(places, 'b', AT_ONCE_MAX, begun)
  expect(begun.filter((one) => one.startsWith('b'))).toHaveLength(AT_ONCE_MAX)
  expect(begun).toHaveLength(2 * AT_ONCE_MAX)
  // A place that gets free goes to one of its own.
  busy[0]?.leave()
  await settled()
  expect(begun.at(-1)).toBe(`a${AT_ONCE_MAX}`)
})

test('more than may wait are refused at once, and taken again when there is room', async () => {
  let refused = 0
  const places = createPlaces(() => refused++)
  const stays = crowd(places, 'a', AT_ONCE_MAX + WAITING_MAX, [])
  const enter = (): Stay => places.enter('a')
  expect(enter).toThrow(expect.objectContaining({ code: 'overloaded', status: 503, extras: { retryAfterMs: 1_000 } }))
  expect(refused).toBe(1)
  stays[0]?.leave()
  stays.push(enter())
  expect(enter).toThrow()
  // Nothing is kept of those that have gone.
  for (const stay of stays.slice(1)) stay.leave()
  await settled()
  expect(places.callers).toBe(0)
})

test('who waits too long is refused, and its turn is the next one’s', async () => {
  const places = createPlaces(() => undefined, 1)
  const [first] = crowd(places, 'a', AT_ONCE_MAX, [])
  const late = places.enter('a')
  const error: unknown = await late.turn()?.catch((reason: unknown) => reason)
  expect(isProblem(error) && error.code).toBe('overloaded')
  late.leave()
  first?.leave()
  const stay = places.enter('a')
  expect([waits(stay), waits(places.enter('a'))]).toEqual([false, true])
})

test('one that brought nothing to do gives no place away', () => {
  const places = createPlaces(() => undefined)
  crowd(places, 'a', AT_ONCE_MAX, [])
  places.enter('a').leave()
  expect(waits(places.enter('a'))).toBe(true)
})

test('who goes away while it waits waits no more, and takes no turn from the next one', async () => {
  const begun: string[] = []
  let refused = 0
  const places = createPlaces(() => refused++)
  const [first, ...others] = crowd(places, 'a', AT_ONCE_MAX, begun)
  const gone = places.enter('a')
  const turn = gone.turn()
  const [next] = crowd(places, 'a', 1, begun)
  gone.leave()
  await expect(turn).rejects.toMatchObject({ code: 'invalid-request' })
  first?.leave()
  await settled()
  expect([begun.length, refused]).toEqual([AT_ONCE_MAX + 1, 0])
  for (const stay of [...others, next, gone]) stay?.leave()
  expect(places.callers).toBe(0)
})

test('those that stay open take no turn, and are so many of one caller and of all', () => {
  const places = createPlaces(() => undefined)
  const linger = (caller: string): Stay => {
    const stay = places.enter(caller)
    try {
      stay.linger()
    } catch (error) {
      stay.leave()
      throw error
    }
    return stay
  }
  const stays = Array.from({ length: STAYING_MAX }, () => linger('a'))
  expect(() => linger('a')).toThrow(expect.objectContaining({ code: 'overloaded' }))
  expect(waits(places.enter('a'))).toBe(false)
  for (let n = STAYING_MAX; n < STAYING_ALL_MAX; n++) stays.push(linger(`b${n}`))
  expect(() => linger('c')).toThrow(expect.objectContaining({ code: 'overloaded' }))
  for (const stay of stays) stay.leave()
  expect(places.callers).toBe(1)
  linger('c').leave()
})

test('a key, a session and an address are callers', () => {
  const name = { name: 'x', scopes: [], queues: [] }
  const address = (): string => '10.0.0.1'
  expect(callerOf({ ...name, kind: 'key', id: 'key_1', credential: 'of the secret' }, address)).toBe('key key_1')
  expect(callerOf({ ...name, kind: 'session', id: 'admin', credential: 'abc' }, address)).toBe('session abc')
  expect(callerOf({ ...name, kind: 'anonymous', id: 'anonymous' }, address)).toBe('10.0.0.1')
})
