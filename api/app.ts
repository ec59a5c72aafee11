// Door 1: the HTTP server. Rows of the contract meet the rooms' verbs here; nothing is decided in this folder.
import type { AddressInfo } from 'node:net'
import type { Server } from 'node:http'
import Koa from 'koa'
import type { Endpoint } from '../shared/kernel/endpoint.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import type { Service } from '../shared/kernel/service.ts'
import type { Rooms } from '../shared/rooms.ts'
import { createBoard } from './board/board.ts'
import { createAdmission } from './http/admission.ts'
import { createBind } from './http/bind.ts'
import type { Bind } from './http/bind.ts'
import { createCharge } from './http/charge.ts'
import type { Charge } from './http/charge.ts'
import { checkBindings } from './http/check.ts'
import { createEdge } from './http/edge.ts'
import { createGuard } from './http/guard.ts'
import { createIdempotency } from './http/idempotency.ts'
import { createIdentify } from './http/identify.ts'
import type { Identify } from './http/identify.ts'
import { createLoopLag } from './http/loop-lag.ts'
import type { LoopLag } from './http/loop-lag.ts'
import { createMethods } from './http/methods.ts'
import { createRouteTable } from './http/route-table.ts'
import { closeServer, createServer } from './http/server.ts'
import { createMetricsPage } from './metrics/metrics.ts'
import { createDashboard } from './pages/dashboard.ts'
import { bindDocs } from './pages/docs.ts'
import { bindProblemPages } from './pages/problems.ts'
import { bindPortalLink } from './pages/portal.ts'
import { bindSignInLink } from './pages/sign-in.ts'
import { bindVersionPages } from './pages/versions.ts'
import { bindRoutes } from './routes/routes.ts'
import { createVersions } from './versions/versions.ts'

/** How long running requests may finish once the server stops listening, in ms. */
const DRAIN_MS = 10_000

export interface AppOptions {
  kernel: Kernel
  rooms: Rooms
  /** Folder of the dashboard's bundle; `dashboard/dist` unless given. */
  dist?: string
}

/** The API of one process. What streams attaches itself through `bind`, `identify`, `server` and `onStop` before `start`. */
export interface Api extends Service {
  readonly app: Koa
  readonly server: Server
  readonly kernel: Kernel
  readonly rooms: Rooms
  /** Binds a row that belongs to no room's routes. */
  readonly bind: Bind
  /** Who asks, also for requests that ask for an upgrade. */
  readonly identify: Identify
  /** Counts requests against their caller's quota. */
  readonly charge: Charge
  /** How late the event loop is; what is late for long refuses requests. */
  readonly lag: LoopLag
  /** The address people use, without trailing slash; right once the server listens. */
  publicUrl(): string
  /** Runs when the server has stopped listening, before it waits for what still runs. */
  onStop(work: () => Promise<void>): void
}

const hostOf = (host: string): string =>
  host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host

const portOf = (server: Server, fallback: number): number => (server.address() as AddressInfo | null)?.port ?? fallback

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      resolve()
    })
  })

/** Puts the server together. It listens after `start`, which refuses when a row of the contract is not bound. */
export const createApp = ({ kernel, rooms, dist }: AppOptions): Api => {
  const { settings } = kernel
  const app = new Koa()
  const routes = createRouteTable()
  const bound = new Set<Endpoint>()
  const stops: (() => Promise<void>)[] = []
  let draining = false
  let known: string | undefined
  const publicUrl = (): string => {
    if (known !== undefined) return known
    const url = settings.K1N_PUBLIC_URL ?? `http://${hostOf(settings.HOST)}:${portOf(server, settings.PORT)}`
    // The port may be chosen when the server listens; what was true before is not kept.
    if (server.listening) known = url
    return url
  }
  const identify = createIdentify(rooms.auth, publicUrl)
  const charge = createCharge(rooms.limits)
  const lag = createLoopLag()
  const admission = createAdmission(rooms.system.memory, lag)
  const bind = createBind({
    routes,
    identify,
    charge,
    idempotency: createIdempotency(kernel),
    audit: rooms.audit,
    admission,
    publicUrl,
    bound,
  })

  const versions = createVersions({
    kernel,
    routes,
    identify,
    publicUrl,
    used: ({ id }, version, route) => {
      if (version === 1) rooms.auth.keys.noteV1(id)
      rooms.system.versionUses.note(version, route)
    },
  })
  const metrics = createMetricsPage({ kernel, rooms, admission, lag })
  bindRoutes(bind, rooms, { publicUrl, versions: versions.table, metrics })
  bindDocs(routes, kernel, identify)
  bindProblemPages(routes)
  bindVersionPages(routes)
  bindSignInLink(routes, rooms, publicUrl)
  bindPortalLink(routes, rooms, publicUrl)
  app.use(
    createEdge({
      kernel,
      publicUrl,
      durability: () => rooms.system.durability.level,
      leaving: () => rooms.system.isStopping,
      stopping: () => draining,
      ended: (...request) => metrics.requests.note(...request),
    }),
  )
  app.use(createGuard(identify, charge, settings.K1N_ANONYMOUS_PER_MINUTE))
  app.use(versions.middleware)
  app.use(routes.middleware)
  app.use(createBoard(rooms.bull, identify, charge))
  app.use(createDashboard(publicUrl, dist))
  app.use(createMethods(routes))
  // Everything thrown was answered at the edge; what is left are clients that went away in the middle of a reply.
  app.on('error', (error: Error) => kernel.log.debug('reply broke off', { error: error.message }))
  const handle = app.callback()
  const server = createServer((req, res) => void handle(req, res), publicUrl, {
    connectionsMax: settings.K1N_MAX_CONNECTIONS,
    keepAliveMs: settings.K1N_KEEP_ALIVE_MS,
  })

  return {
    name: 'api',
    app,
    server,
    kernel,
    rooms,
    bind,
    identify,
    charge,
    lag,
    publicUrl,
    onStop: (work) => void stops.push(work),
    async start() {
      if (server.listening) return
      checkBindings(bound)
      await rooms.auth.start()
      await rooms.limits.start()
      await rooms.audit.start()
      await rooms.system.durability.start()
      await rooms.system.memory.start()
      lag.start()
      for (const service of rooms.beside) await service.start()
      await listen(server, settings.PORT, settings.HOST)
    },
    async stop() {
      draining = true
      const closed = closeServer(server, DRAIN_MS)
      await Promise.allSettled(stops.map((work) => work()))
      await closed
      for (const service of rooms.beside) await service.stop()
      lag.stop()
      await rooms.system.memory.stop()
      await rooms.system.durability.stop()
      await rooms.limits.stop()
      await rooms.audit.stop()
      await rooms.auth.stop()
    },
  }
}
