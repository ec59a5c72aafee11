// A k1n that stands still: what it answered once, kept, and answered again to a page whose clock stands still too. Pictures of such a
// page are the same on every run.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { gunzipSync, gzipSync } from 'node:zlib'
import type { Page, Route } from 'playwright-core'

export interface World {
  /** When all this was so. */
  at: string
  /** Addresses of pages by their names. */
  paths: Record<string, string>
  /** By method, path and what is asked for, without times. */
  answers: Record<string, { status: number; type: string; body: string }>
  /** What the stream tells first, by topic. */
  snapshots: Record<string, object>
}

const file = new URL('approved/world.json.gz', import.meta.url)
const API = /^\/(api|auth)\//
/** How k1n is, which is nothing that was recorded: answered as it is, but at that time. */
const HEALTH = '/healthz'

/** Nobody is to learn from it where it was recorded. */
const plain = (text: string, origin: string): string =>
  text.replaceAll(origin, 'http://k1n.example').replaceAll(origin.replace('http', 'ws'), 'ws://k1n.example').replaceAll(hostname(), 'host-1') // prettier-ignore

const isTime = (value: string): boolean => /^\d{4}-\d\d-\d\dT|^\d{12,}/.test(value)

const keyOf = (method: string, address: string): string => {
  const { pathname, searchParams } = new URL(address)
  const asked = [...searchParams].filter(([, value]) => !isTime(value)).map(([name, value]) => `${name}=${value}`)
  return `${method} ${pathname}?${asked.sort().join('&')}`
}

export const readWorld = (): World | undefined =>
  existsSync(file) ? (JSON.parse(gunzipSync(readFileSync(file)).toString()) as World) : undefined

/** Keeps it as it is now. */
export const writeWorld = (world: World, origin: string): void => {
  mkdirSync(new URL('.', file), { recursive: true })
  writeFileSync(file, gzipSync(plain(JSON.stringify(world), origin), { level: 9 }))
}

/** Notes what a page is answered, until it is closed. */
export const record = async (page: Page, world: World): Promise<void> => {
  await page.route(
    ({ pathname }) => API.test(pathname),
    async (route) => {
      const request = route.request()
      const response = await route.fetch().catch(() => undefined)
      // The page went on meanwhile.
      if (!response) return
      const body = await response.text()
      const type = response.headers()['content-type'] ?? ''
      world.answers[keyOf(request.method(), request.url())] = { status: response.status(), type, body }
      await route.fulfill({ response, body }).catch(() => undefined)
    },
  )
  page.on('websocket', (socket) =>
    socket.on('framereceived', ({ payload }) => {
      const frame = JSON.parse(payload.toString()) as { type: string; topic?: string }
      if (frame.type === 'snapshot' && frame.topic !== undefined) world.snapshots[frame.topic] = frame
    }),
  )
}

const answer = async (route: Route, world: World, unknown: string[]): Promise<void> => {
  const request = route.request()
  const key = keyOf(request.method(), request.url())
  const known = world.answers[key]
  if (!known) unknown.push(key)
  const { status, type, body } = known ?? { status: 404, type: 'application/problem+json', body: '{}' }
  await route.fulfill({ status, headers: { 'content-type': type, ...dated(world) }, body })
}

/** The page takes the server's time from it. */
const dated = ({ at }: World): { date: string } => ({ date: new Date(at).toUTCString() })

interface Asked {
  type: string
  id?: number
  topics?: string[]
}

/** Answers a page as it was answered when it was recorded, at that time. Gives what was asked for and not recorded. */
export const replay = async (page: Page, world: World): Promise<string[]> => {
  const unknown: string[] = []
  await page.clock.setFixedTime(world.at)
  await page.route(
    ({ pathname }) => API.test(pathname),
    (route) => answer(route, world, unknown),
  )
  await page.route(
    ({ pathname }) => pathname === HEALTH,
    async (route) => {
      const response = await route.fetch()
      await route.fulfill({ response, headers: { ...response.headers(), ...dated(world) } })
    },
  )
  await page.routeWebSocket(/./, (socket) => {
    const send = (frame: object): void => socket.send(JSON.stringify(frame))
    socket.onMessage((text) => {
      const { type, id, topics } = JSON.parse(text.toString()) as Asked
      if (type === 'ping') send({ type: 'pong', ts: world.at })
      const told = world.snapshots[topics?.[0] ?? '']
      if (type === 'subscribe' && told) send({ ...told, sub: id })
    })
    send({ type: 'hello', cursor: '0-0', epoch: 'still', now: world.at })
  })
  return unknown
}
