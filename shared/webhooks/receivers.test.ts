// Where webhooks may go: nowhere inside, only https and names outside, and wherever an operator opened it.
import { describe, expect, test } from 'vitest'
import { readSettings } from '../kernel/config.ts'
import { recorder } from '../outbound/fixtures/receiver.ts'
import { BLOCKED, NAMES, PUBLIC } from '../outbound/fixtures/ssrf-cases.ts'
import type { Resolve } from '../outbound/outbound.ts'
import { createReceivers } from './receivers.ts'

const resolve: Resolve = async (hostname) => {
  const addresses = NAMES[hostname] ?? (hostname.endsWith('.example') ? ['93.184.216.34'] : undefined)
  if (addresses === undefined) throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
  return addresses.map((address) => ({ address }))
}
const receivers = (env: Record<string, string> = {}) =>
  createReceivers(readSettings(env), { resolve, connect: recorder() })

describe('the list of forbidden URLs', () => {
  test.each(BLOCKED)('%s is refused at registration, and at connect time', async (url) => {
    const dial = recorder()
    // With http taken, so that it is the address that is refused.
    const guarded = createReceivers(readSettings({ K1N_WEBHOOK_ALLOW_HTTP: 'on' }), { resolve, connect: dial })
    const verdict = await guarded.vetUrl(url)
    expect(verdict.ok).toBe(false)
    if (!verdict.ok && /^https?:/.test(url)) expect(['scheme', 'literal']).not.toContain(verdict.reason)
    await expect(guarded.request({ url, method: 'POST' })).rejects.toMatchObject({ code: 'ssrf_blocked' })
    expect(dial.connects).toEqual([])
  })
})

describe('an address that jobs may call', () => {
  test.each([
    ...PUBLIC.filter((url) => url.startsWith('http:')),
    ...PUBLIC.filter((url) => /^https:\/\/[\d[]/.test(url)),
  ])('%s is refused for webhooks: not https, or no name', async (url) => {
    expect(await receivers().vetUrl(url)).toMatchObject({ ok: false })
  })
})

describe('an endpoint', () => {
  test('is at a name, by https, on one of a few ports', async () => {
    expect(await receivers().vetUrl('https://hooks.example/in?a=1')).toMatchObject({ ok: true })
    expect(await receivers().vetUrl('https://hooks.example:8443/')).toMatchObject({ ok: true })
    expect(await receivers().vetUrl('http://hooks.example/')).toMatchObject({ ok: false, reason: 'scheme' })
    expect(await receivers().vetUrl('https://hooks.example:22/')).toMatchObject({ ok: false, reason: 'port' })
    expect(await receivers().vetUrl('https://93.184.216.34/')).toMatchObject({ ok: false, reason: 'literal' })
  })

  test('whose name nobody answers for in time is taken: the guard asks again when it connects', async () => {
    const slow = createReceivers(readSettings({}), { resolve: () => new Promise(() => undefined) })
    expect(await slow.vetUrl('https://hooks.example/', 5)).toMatchObject({ ok: true })
  })

  test('is never this installation itself, on any port', async () => {
    const ours = receivers({ K1N_PUBLIC_URL: 'https://k1n.example' })
    expect(await ours.vetUrl('https://k1n.example:8443/hooks/a')).toMatchObject({ ok: false, reason: 'own_host' })
    const local = receivers({ K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8', PORT: '3000' })
    expect(await local.vetUrl('http://127.0.0.1:3000/')).toMatchObject({ ok: false })
  })
})

describe('an operator may open', () => {
  test('ranges, by http and on any port; the rest stays as closed as it was', async () => {
    const opened = receivers({ K1N_WEBHOOK_ALLOW_CIDRS: '127.0.0.0/8' })
    expect(await opened.vetUrl('http://127.0.0.1:4567/')).toMatchObject({ ok: true })
    expect(await opened.vetUrl('http://10.0.0.1/')).toMatchObject({ ok: false })
    expect(await opened.vetUrl('http://hooks.example/')).toMatchObject({ ok: false })
    expect(await opened.vetUrl('https://hooks.example:22/')).toMatchObject({ ok: false })
    expect(await opened.vetUrl('https://hooks.example/')).toMatchObject({ ok: true })
  })

  test('plain http, and other ports', async () => {
    expect(await receivers({ K1N_WEBHOOK_ALLOW_HTTP: 'on' }).vetUrl('http://hooks.example/')).toMatchObject({
      ok: true,
    })
    const ports = receivers({ K1N_WEBHOOK_PORTS: '443,9443' })
    expect(await ports.vetUrl('https://hooks.example:9443/')).toMatchObject({ ok: true })
    expect(await ports.vetUrl('https://hooks.example:8443/')).toMatchObject({ ok: false, reason: 'port' })
  })
})

test('a name that points elsewhere by the time of the call is not called', async () => {
  const answers = ['93.184.216.34', '127.0.0.1']
  const dial = recorder()
  const guarded = createReceivers(readSettings({}), {
    resolve: async () => [{ address: answers.shift() ?? '127.0.0.1' }],
    connect: dial,
  })
  expect(await guarded.vetUrl('https://rebind.example/')).toMatchObject({ ok: true })
  await expect(guarded.request({ url: 'https://rebind.example/', method: 'POST' })).rejects.toMatchObject({
    code: 'ssrf_blocked',
  })
  expect(dial.connects).toEqual([])
})
