// Any value can be thrown; each gets a class, and nothing that is kept of it can do harm.
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { UnrecoverableError } from 'bullmq'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { problem, problemRegistry } from '../kernel/problem.ts'
import { OUTBOUND_CODES, OutboundError, type OutboundCode } from '../outbound/outbound.ts'
import { classify } from './classify.ts'
import { describeError } from './describe.ts'
import { ErrorClass } from './words.ts'

const existing = new Set(problemRegistry.keys())
afterAll(() => {
  for (const code of problemRegistry.keys()) if (!existing.has(code)) problemRegistry.delete(code)
})

const withMembers = (members: object, message = 'oh no'): Error => Object.assign(new Error(message), members)
class MyFatal extends UnrecoverableError {}
class Custom extends Error {}
const zodError = z.object({ a: z.string() }).safeParse({}).error
/** A port of loopback that nobody listens at. */
async function closedPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const thrownBy = async (work: () => unknown): Promise<unknown> => {
  try {
    return await work()
  } catch (error) {
    return error
  }
}

describe('the class', () => {
  test.each<[string, unknown, ErrorClass]>([
    ['a refused connection', withMembers({ code: 'ECONNREFUSED' }), 'transient'],
    ['a name not found', withMembers({ code: 'ENOTFOUND' }), 'transient'],
    ['a socket that ended', withMembers({ code: 'UND_ERR_SOCKET' }), 'transient'],
    ['a connection timed out', withMembers({ code: 'ETIMEDOUT' }), 'timeout'],
    ['undici timing out', withMembers({ code: 'UND_ERR_HEADERS_TIMEOUT' }), 'timeout'],
    ['AbortSignal.timeout', new DOMException('took too long', 'TimeoutError'), 'timeout'],
    ['an abort', new DOMException('stop', 'AbortError'), 'transient'],
    ['UnrecoverableError of BullMQ', new UnrecoverableError('no'), 'permanent'],
    ['a class derived from it', new MyFatal('no'), 'permanent'],
    ['a foreign copy of it', withMembers({ name: 'UnrecoverableError' }), 'permanent'],
    ['a value of the wrong shape', zodError, 'permanent'],
    ['an open circuit', problem('circuit-open', 'conflict', 'open')('spotify'), 'circuit_open'],
    ['a problem of kind invalid', problem('test-invalid', 'invalid', 'x')('x'), 'permanent'],
    ['a problem of kind forbidden', problem('test-forbidden', 'forbidden', 'x')('x'), 'permanent'],
    ['a problem of kind limited', problem('test-limited', 'limited', 'x')('x'), 'rate_limited'],
    ['a problem of kind unavailable', problem('test-unavailable', 'unavailable', 'x')('x'), 'transient'],
    ['a plain Error', new Error('x'), 'unknown'],
    ['a mistake in the program', new TypeError('x is not a function'), 'unknown'],
    ['a code nobody knows', withMembers({ code: 'E_ODD' }), 'unknown'],
    ['codes named like members of objects', withMembers({ code: 'constructor', name: '__proto__' }), 'unknown'],
    ['nothing', undefined, 'unknown'],
  ])('of %s', (_, error, expected) => {
    expect(classify(error).class).toBe(expected)
  })

  test.each([
    [400, 'permanent'],
    [401, 'permanent'],
    [403, 'permanent'],
    [404, 'permanent'],
    [409, 'permanent'],
    [410, 'permanent'],
    [422, 'permanent'],
    [302, 'permanent'],
    [408, 'timeout'],
    [504, 'timeout'],
    [425, 'transient'],
    [429, 'rate_limited'],
    [500, 'transient'],
    [502, 'transient'],
    [503, 'transient'],
    [599, 'transient'],
    [200, 'unknown'],
  ] as const)('of status %i is %s', (status, expected) => {
    expect(classify(withMembers({ status })).class).toBe(expected)
    expect(classify(withMembers({ statusCode: status })).class).toBe(expected)
    expect(classify({ status }).class).toBe(expected)
  })

  test('of 503 and 409 is another when the service names a time', () => {
    expect(classify(withMembers({ status: 503, retryAfterMs: 5000 }))).toMatchObject({
      class: 'rate_limited',
      retryAfterMs: 5000,
    })
    expect(classify(withMembers({ status: 409, retryAfterMs: 5000 })).class).toBe('transient')
  })

  test('of each outbound code is decided', () => {
    const expected: Record<OutboundCode, ErrorClass> = {
      ...{ timeout_total: 'timeout', timeout_connect: 'timeout' },
      ...{ dns: 'transient', refused: 'transient', reset: 'transient', http_protocol: 'transient' },
      ...{ tls_cert: 'transient', tls_protocol: 'transient', aborted: 'transient' },
      ...{ ssrf_blocked: 'permanent', too_large: 'permanent', redirect: 'permanent', invalid_request: 'permanent' },
    }
    const found = OUTBOUND_CODES.map((code) => [code, classify(new OutboundError(code, 'x')).class])
    expect(Object.fromEntries(found)).toEqual(expected)
  })

  test('of a wrapped error is that of its cause, unless it says itself', () => {
    const cause = withMembers({ code: 'ECONNRESET' })
    expect(classify(new TypeError('fetch failed', { cause })).class).toBe('transient')
    expect(classify(new Error('a', { cause: new Error('b', { cause }) })).class).toBe('transient')
    expect(classify(new AggregateError([cause], 'all failed')).class).toBe('transient')
    expect(classify(new UnrecoverableError('no')).class).toBe('permanent')
    expect(classify(Object.assign(new Error('no', { cause }), { status: 404 })).class).toBe('permanent')
  })

  test('of what fetch throws for a closed port is transient', async () => {
    const error = await thrownBy(() => closedPort().then((port) => fetch(`http://127.0.0.1:${port}/`)))
    expect(classify(error)).toMatchObject({ class: 'transient', name: 'TypeError' })
  })
})

describe('Retry-After', () => {
  test('is read from the error, from a problem, and from a cause', () => {
    expect(classify(withMembers({ retryAfterMs: 7 })).retryAfterMs).toBe(7)
    expect(classify(problem('test-wait', 'limited', 'x')('x', { retryAfterMs: 8 })).retryAfterMs).toBe(8)
    expect(classify(new Error('x', { cause: { retryAfterMs: 9 } })).retryAfterMs).toBe(9)
  })

  test.each([Number.NaN, -1, Infinity, '5', null])('of %s is none', (retryAfterMs) => {
    expect(classify(withMembers({ retryAfterMs }))).not.toHaveProperty('retryAfterMs')
  })
})

describe('name and message', () => {
  const thrown: Record<string, [unknown, string, string]> = {
    'an error class': [new Custom('mine'), 'Custom', 'mine'],
    'an error with a name': [withMembers({ name: 'Named' }), 'Named', 'oh no'],
    'an error without a message': [new Error(''), 'Error', 'no message'],
    'a string': ['a string', 'Error', 'a string'],
    'an empty string': ['', 'Error', 'no message'],
    'a number': [42, 'Error', '42'],
    null: [null, 'Error', 'null'],
    undefined: [undefined, 'Error', 'undefined'],
    'a symbol': [Symbol('s'), 'Error', 'Symbol(s)'],
    'a bigint': [10n, 'Error', '10n'],
    'an object with a message': [{ message: 'from an object' }, 'Error', 'from an object'],
    'an object without one': [{ reason: 'odd' }, 'Error', "{ reason: 'odd' }"],
  }
  test.each(Object.keys(thrown))('of %s', (what) => {
    const [error, name, message] = thrown[what] ?? []
    expect(classify(error)).toMatchObject({ name, message })
  })
})

const trap = (): never => {
  throw new Error('trapped')
}
const cyclic: Record<string, unknown> = { status: 'odd' }
cyclic['cause'] = cyclic
const revoked = Proxy.revocable({}, {})
revoked.revoke()
const endless = (): object => new Proxy({}, { getPrototypeOf: endless })
const hostile = new Map<string, unknown>([
  [
    'a proxy that throws at everything',
    new Proxy({}, { get: trap, has: trap, ownKeys: trap, getPrototypeOf: trap, getOwnPropertyDescriptor: trap }),
  ],
  ['a proxy that has every member', new Proxy({}, { get: (_, key) => (typeof key === 'string' ? {} : undefined) })],
  ['a revoked proxy', revoked.proxy],
  [
    'getters that throw',
    Object.defineProperties(
      new Error('x'),
      Object.fromEntries(
        ['name', 'message', 'stack', 'code', 'status', 'cause', 'errors'].map((key) => [key, { get: trap }]),
      ),
    ),
  ],
  ['a cycle of causes', cyclic],
  [
    'two errors that cause each other',
    ((a: Error, b: Error) => Object.assign(a, { cause: Object.assign(b, { cause: a }) }))(
      new Error('a'),
      new Error('b'),
    ),
  ],
  ['endless prototypes', endless()],
  ['a toString that throws', { toString: trap, toJSON: trap, [Symbol.toPrimitive]: trap, inspect: trap }],
  ['an inspector of its own', { [Symbol.for('nodejs.util.inspect.custom')]: trap }],
  ['members of wrong types', { name: 5, message: {}, stack: [], code: 7, status: '404', cause: 3, errors: 'x' }],
  ['no prototype', Object.create(null)],
  ['a function', trap],
  ['NUL, half a surrogate pair and escapes', withMembers({ code: 'a\0b', name: '\ud800' }, 'x\0\ud800\u001b[31m')],
  ['100 MB', withMembers({ stack: 'y'.repeat(100_000_000) }, 'x'.repeat(100_000_000))],
  ['a stack of a million lines', withMembers({ stack: 'Error: x\n'.padEnd(9_000_000, '    at f (a.js:1)\n') })],
])

const isSafe = (text: string | undefined, bytesMax: number): boolean =>
  text === undefined ||
  (text.isWellFormed() && !text.includes('\0') && !text.includes('\u001b') && Buffer.byteLength(text) <= bytesMax)

describe('hostile values', () => {
  // By name: the test runner prints what it is given, and some of these bite.
  test.each([...hostile.keys()])('%s is described, small and safe', (name) => {
    const error = hostile.get(name)
    const described = describeError(error)
    expect(ErrorClass.options).toContain(described.class)
    expect(described.message).not.toBe('')
    expect(
      [described.name, described.code, described.message, described.stack].map((text) => isSafe(text, 4096)),
    ).toEqual([true, true, true, true])
    expect(Buffer.byteLength(described.message)).toBeLessThanOrEqual(2000)
    expect(JSON.parse(JSON.stringify(described))).toEqual(described)
  })

  test('an object that is no error is sketched without running code of its own', () => {
    let ran = 0
    const run = (): string => `ran ${(ran += 1)}`
    const inner = new Proxy({}, { get: run, ownKeys: () => [run()], getPrototypeOf: () => ({ ran: run() }) })
    const object = { inner, [Symbol.for('nodejs.util.inspect.custom')]: run, toString: run, toJSON: run }
    expect(describeError(Object.defineProperty(object, 'asked', { get: run, enumerable: true })).message).toMatch(
      /inner/,
    )
    expect(ran).toBe(0)
  })

  test('anything at all is described', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withSparseArray: true,
        }),
        (value) => {
          const described = describeError(value)
          expect(ErrorClass.options).toContain(described.class)
          expect(isSafe(described.message, 2000)).toBe(true)
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('a cut shows, also where line ends shrink', () => {
    expect(describeError(new Error('x'.repeat(2001))).message).toBe(`${'x'.repeat(1997)}…`)
    expect(describeError(new Error('x'.repeat(2000))).message).toBe('x'.repeat(2000))
    expect(describeError(new Error('a\r\n'.repeat(5000))).message).toMatch(/^(a\n){500,}.*…$/s)
    expect(describeError(new Error('a\r\nb\rc')).message).toBe('a\nb\ufffdc')
  })

  test('any text stays within its bytes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 200 }),
        fc.integer({ min: 3, max: 400 }),
        (text, messageBytes) => {
          expect(isSafe(describeError(new Error(text), { messageBytes }).message, messageBytes)).toBe(true)
        },
      ),
    )
  })
})

describe('the stack', () => {
  const frame = (path: string): string => `    at work (${path}:1:1)`
  const stackOf = (frames: string[], limits = {}): string => {
    return describeError(withMembers({ stack: ['Error: oh no', ...frames].join('\n') }), limits).stack ?? ''
  }

  test('is kept whole when it is short, without telling where the installation lies', () => {
    const stack = stackOf([
      frame(`file://${process.cwd()}/workers/a.ts`),
      frame(`${process.cwd()}/node_modules/b.js`),
      frame('node:net'),
    ])
    expect(stack).toBe(
      ['Error: oh no', frame('workers/a.ts'), frame('node_modules/b.js'), frame('node:net')].join('\n'),
    )
  })

  test('that is long keeps our frames first, in their order', () => {
    const foreign = Array.from({ length: 100 }, (_, index) => frame(`node_modules/package/${index}.js`))
    const stack = stackOf([...foreign, frame('workers/a.ts'), frame('node:internal/process'), frame('shared/b.ts')])
    expect(Buffer.byteLength(stack)).toBeLessThanOrEqual(4096)
    const lines = stack.split('\n')
    expect(lines.slice(0, 2)).toEqual(['Error: oh no', foreign[0]])
    expect(lines.slice(-2)).toEqual([frame('workers/a.ts'), frame('shared/b.ts')])
    expect(lines.length).toBeGreaterThan(50)
  })

  test('of many frames of ours keeps the nearest', () => {
    const ours = Array.from({ length: 400 }, (_, index) => frame(`shared/${index}.ts`))
    const lines = stackOf(ours).split('\n')
    expect(lines.slice(1)).toEqual(ours.slice(0, lines.length - 1))
    expect(lines.length).toBeGreaterThan(100)
  })

  test('with a long message still has frames', () => {
    const error = new Error('x'.repeat(10_000))
    expect(describeError(error).stack).toMatch(/…\n\s+at .*classify\.test\.ts/)
  })

  test('is left out on demand, and where there is none', () => {
    expect(describeError(new Error('x'), { stackBytes: 0 })).not.toHaveProperty('stack')
    expect(describeError('x')).not.toHaveProperty('stack')
  })
})
