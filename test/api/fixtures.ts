// The API in this process on the shared Redis: a server on a free port, a typed client, and keys of every role.
import { expect } from 'vitest'
import { createApp } from '../../api/app.ts'
import type { Api } from '../../api/app.ts'
import { attachLive } from '../../api/live/live.ts'
import { ROLES } from '../../shared/auth/contract.ts'
import type { Scope } from '../../shared/auth/contract.ts'
import { contract } from '../../shared/contract.ts'
import type { K1nContract } from '../../shared/contract.ts'
import { generateKey } from '../../shared/kernel/api-key.ts'
import { createClient } from '../../shared/kernel/client.ts'
import type { Client } from '../../shared/kernel/client.ts'
import { systemClock } from '../../shared/kernel/clock.ts'
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { createLog } from '../../shared/kernel/log.ts'
import { assemble } from '../../shared/rooms.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { test as shared, sweep, testRedisUrl } from '../support/fixtures.ts'
import { testSecretsKey } from '../support/secrets-key.ts'
import { checkReply } from './openapi.ts'

export interface Reply {
  status: number
  headers: Headers
  text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into replies of every shape.
  json: any
}

export interface Door {
  api: Api
  url: string
  adminKey: string
  /** The typed client with the admin key. Its replies are checked against the document. */
  client: Client<K1nContract>
  /** A raw request with the admin key unless `headers` say otherwise; its reply is checked against the document. */
  send(
    method: string,
    path: string,
    options?: { body?: unknown; headers?: Record<string, string | undefined>; raw?: string | Uint8Array<ArrayBuffer> },
  ): Promise<Reply>
  /** A key with exactly these scopes. */
  keyWith(scopes: readonly Scope[], queues?: string[]): Promise<string>
  keyOf(role: keyof typeof ROLES): Promise<string>
}

export interface ApiFixtures {
  /** Settings beside the usual ones. */
  settings: Record<string, string>
  kernel: Kernel
  door: Door
}

export const openDoor = async (
  kernel: Kernel,
  options: { dist?: string; rooms?: Rooms } = {},
): Promise<Door & { close(): Promise<void> }> => {
  if (kernel.redis.status !== 'ready') await new Promise((resolve) => kernel.redis.once('ready', resolve))
  const api = createApp({ kernel, rooms: assemble(kernel), ...options })
  attachLive(api)
  await api.start()
  const url = api.publicUrl()
  const adminKey = kernel.settings.K1N_ADMIN_KEY ?? ''
  const checked: typeof fetch = async (input, init): Promise<Response> => {
    const response = await fetch(input, init)
    await checkReply(init?.method ?? 'GET', input instanceof Request ? input.url : input.toString(), response.clone())
    return response
  }
  const send: Door['send'] = async (method, path, { body, headers, raw } = {}) => {
    const given = {
      authorization: `Bearer ${adminKey}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    }
    const sent = Object.fromEntries(
      Object.entries(given).filter((entry): entry is [string, string] => entry[1] !== undefined),
    )
    const content = raw ?? (body === undefined ? undefined : JSON.stringify(body))
    const response = await checked(url + path, {
      method,
      headers: sent,
      redirect: 'manual',
      ...(content === undefined ? {} : { body: content }),
    })
    const text = await response.text()
    const isJson = /json/.test(response.headers.get('content-type') ?? '') && text !== ''
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson ? (JSON.parse(text) as unknown) : undefined,
    }
  }
  const keyWith: Door['keyWith'] = async (scopes, queues = ['*']) =>
    (
      await api.rooms.auth.keys.create(await api.rooms.auth.keys.identify(adminKey), {
        name: 'test',
        scopes: [...scopes],
        queues,
        // What is tested is not how much a key may ask for.
        tier: 'internal',
      })
    ).key
  return {
    api,
    url,
    adminKey,
    client: createClient<K1nContract>(contract, {
      origin: url,
      headers: () => ({ authorization: `Bearer ${adminKey}` }),
      fetch: checked,
    }),
    send,
    keyWith,
    keyOf: (role) => keyWith(ROLES[role]),
    async close() {
      await api.stop()
      await api.rooms.close()
    },
  }
}

export const test = shared.extend<ApiFixtures>({
  settings: async ({}, use) => use({}),
  kernel: async ({ prefix, dir, logged, settings }, use) => {
    const read = readSettings({
      REDIS_URL: testRedisUrl(),
      K1N_DATA_DIR: dir,
      PORT: '0',
      K1N_ADMIN_KEY: generateKey('sk'),
      K1N_SECRETS_KEY: testSecretsKey,
      // What is tested is not how much an address may ask for.
      K1N_ANONYMOUS_PER_MINUTE: '1000000',
      ...settings,
    })
    const kernel = createKernel({
      settings: { ...read, PORT: 0 },
      role: 'producer',
      clock: systemClock,
      log: createLog('debug', (line) => logged.push(JSON.parse(line) as Record<string, unknown>)),
      tag: prefix,
      bullPrefix: `bull-${prefix}`,
    })
    await use(kernel)
    await sweep(kernel, prefix).catch(() => undefined)
    await kernel.close()
  },
  door: async ({ kernel }, use) => {
    const door = await openDoor(kernel)
    await use(door)
    await door.close()
  },
})

/** Asserts a problem reply in full and answers its document. */
export const expectProblem = (reply: Reply, status: number, code: string): Record<string, unknown> => {
  expect({ status: reply.status, code: (reply.json as { code?: string } | undefined)?.code }).toEqual({ status, code })
  expect(reply.headers.get('content-type')).toBe('application/problem+json')
  const document = reply.json as Record<string, unknown>
  expect(document).toMatchObject({ status, code, request_id: reply.headers.get('x-request-id') })
  expect(document['type']).toMatch(new RegExp(`/problems/${code}$`))
  return document
}

export { describe, expect } from 'vitest'
