// Whoever sends no credential is counted by address: from wherever in a network of IPv6 it sends, and however many others it names.
import { expect, test } from 'vitest'
import { createGuard } from './guard.ts'
import { ANONYMOUS } from './identify.ts'
import type { Ctx } from './state.ts'

const MAX = 300

/** Sends a request from an address; answers whether it passed. */
const sender = () => {
  const guard = createGuard(() => ANONYMOUS, { first: () => undefined } as never, MAX)
  return async (remoteAddress: string, headers: Record<string, string> = {}): Promise<boolean> => {
    const ctx = { path: '/api/v2/me', state: {}, req: { headers, socket: { remoteAddress } }, set: () => undefined }
    let passed = false
    const refused = (error: unknown): void => expect(error).toMatchObject({ code: 'quota-exceeded' })
    const done = guard(ctx as unknown as Ctx, async () => void (passed = true)) as Promise<unknown>
    await done.catch(refused)
    return passed
  }
}

const passedOf = async (times: number, addressOf: (n: number) => string): Promise<number> => {
  const send = sender()
  let passed = 0
  for (let n = 0; n < times; n++) if (await send(addressOf(n))) passed++
  return passed
}

test('each request from another address of one /64 is one of the same caller', async () => {
  expect(await passedOf(1_000, (n) => `2001:db8:0:7:${n.toString(16)}::${(n * 7).toString(16)}`)).toBe(MAX)
  expect(await passedOf(1_000, (n) => (n % 2 === 0 ? '192.0.2.1' : '::ffff:192.0.2.1'))).toBe(MAX)
})

test('another /64 is another caller', async () => {
  const send = sender()
  for (let n = 0; n < MAX; n++) expect(await send('2001:db8:0:7::1')).toBe(true)
  expect([await send('2001:db8:0:7::2'), await send('2001:db8:0:8::1')]).toEqual([false, true])
})

test('an address that has spent its minute is not let in again because ten thousand others came', async () => {
  const send = sender()
  for (let n = 0; n < MAX; n++) await send('192.0.2.1')
  for (let n = 0; n < 9_000; n++) await send(`2001:db8:${n.toString(16)}::1`)
  expect(await send('192.0.2.1')).toBe(false)
})
