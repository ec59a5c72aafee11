// The catalog and the types that hold handlers to it.
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { catalog, catalogOf, findKind, kind, ownQueues } from './catalog.ts'
import { cancel, done, snooze, toMs } from './handler.ts'
import type { Handlers, Period } from './handler.ts'

const greet = kind({
  name: 'greet',
  queue: 'greetings',
  summary: 'Greets.',
  payload: z.strictObject({ who: z.string() }),
  result: z.object({ length: z.int() }),
})
const rest = kind({
  name: 'rest',
  queue: 'greetings',
  summary: 'Rests.',
  payload: z.strictObject({}),
  result: z.null(),
})
const two = catalogOf(greet, rest)

describe('handlers of a catalog', () => {
  test('one for every kind, typed by its payload and result, compiles', () => {
    const handlers: Handlers<typeof two> = {
      greet: ({ payload }) => done({ length: payload.who.length }),
      rest: async () => snooze('5m', 'tired'),
    }
    expect(Object.keys(handlers)).toEqual(Object.keys(two))
  })

  test('a missing, a mistyped and an unknown one do not compile', () => {
    // @ts-expect-error -- `rest` is missing
    const missing: Handlers<typeof two> = { greet: () => cancel('no') }
    const wrong: Handlers<typeof two> = {
      // @ts-expect-error -- a result of another shape
      greet: () => done({ length: 'five' }),
      // @ts-expect-error -- a payload of another kind
      rest: ({ payload }: { payload: { who: string } }) => cancel(payload.who),
    }
    // @ts-expect-error -- there is no kind `sing`
    const more: Handlers<typeof two> = { greet: () => cancel(''), rest: () => cancel(''), sing: () => cancel('') }
    expect([missing, wrong, more]).toHaveLength(3)
  })
})

describe('the catalog', () => {
  test('knows its kinds by name and no others', () => {
    expect(findKind('http.request')?.queue).toBe('http')
    expect(findKind('constructor')).toBeUndefined()
    expect(findKind('__proto__')).toBeUndefined()
  })

  test('refuses two kinds of one name', () => {
    expect(() => catalogOf(greet, greet)).toThrow('two kinds are called greet')
  })

  test.each(Object.values(catalog).map((each) => [each.name, each] as const))(
    'the payload and the result of %s can be described to producers, as JSON can carry them',
    (_name, each) => {
      expect(z.toJSONSchema(each.payload as z.ZodType, { io: 'input' })).toHaveProperty('$schema')
      expect(z.toJSONSchema(each.result as z.ZodType)).toHaveProperty('$schema')
    },
  )

  test('queues have names that BullMQ and addresses can carry', () => {
    for (const queue of ownQueues) expect(queue).toMatch(/^[a-z][a-z0-9-]*$/)
  })

  test('http.request calls the host of its URL', () => {
    expect(
      catalog['http.request'].serviceOf({
        url: 'https://api.example:8443/x',
        method: 'GET',
        headers: {},
        timeout_ms: 1,
      }),
    ).toBe('api.example:8443')
  })

  test.each([
    [{}, 'give either'],
    [{ file: 'a.json', upload: 'b' }, 'give either'],
    [{ upload: '../etc/passwd' }, 'must be the id'],
    [{ file: 'a\u0000b' }, 'NUL'],
  ])('listening.import refuses %j', (payload, message) => {
    expect(JSON.stringify(catalog['listening.import'].payload.safeParse(payload).error?.issues)).toContain(message)
  })
})

describe('a period', () => {
  test.each<[Period, number]>([
    [250, 250],
    ['250ms', 250],
    ['1.5s', 1_500],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['30d', 2_592_000_000],
  ])('%s is %d ms', (period, ms) => expect(toMs(period)).toBe(ms))

  test.each([-1, Number.NaN, Infinity, '31d', '5', 'm', '', 'constructor', '1e3s'])('%s is none', (period) => {
    expect(() => toMs(period as Period)).toThrow(RangeError)
  })
})
