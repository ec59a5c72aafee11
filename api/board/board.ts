// bull-board at /admin/queues, for those who know it: behind the same sign-in, read-only, with payloads masked as ours are.
import type { BaseAdapter } from '@bull-board/api/baseAdapter'
import type { Queue } from 'bullmq'
import type { Middleware } from 'koa'
import type { Principal } from '../../shared/auth/contract.ts'
import { MethodNotAllowed, ResourceForbidden, RouteNotFound } from '../../shared/kernel/problems.ts'
import { authorize } from '../http/authorize.ts'
import type { Charge } from '../http/charge.ts'
import { identifyOnce } from '../http/identify.ts'
import type { Identify } from '../http/identify.ts'
import type { Ctx } from '../http/state.ts'
import type { BoardAdapter } from './adapter.ts'

/** What the board needs to know of BullMQ. */
export interface BoardQueues {
  known(): readonly string[]
  queue(name: string): Queue
}

export const MOUNT = '/admin/queues'
const redacted = { redacted: true }

interface Board {
  adapter: BoardAdapter
  /** Shows the queues there are now. */
  refresh(): void
}

/** bull-board is loaded on the first visit; most processes never need it. */
const load = async (bull: BoardQueues, masked: boolean): Promise<Board> => {
  const [{ createBullBoard }, { BullMQAdapter }, { createAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/api/bullMQAdapter'),
    import('./adapter.ts'),
  ])
  const adapter = createAdapter(MOUNT)
  const shown = new Map<string, BaseAdapter>()
  const show = (name: string): BaseAdapter => {
    const queue = new BullMQAdapter(bull.queue(name), { readOnlyMode: true })
    if (masked) for (const field of ['data', 'returnValue'] as const) queue.setFormatter(field, () => redacted)
    shown.set(name, queue)
    return queue
  }
  const board = createBullBoard({
    queues: [],
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: 'k1n queues' } },
  })
  return {
    adapter,
    refresh: () => board.replaceQueues([...bull.known()].sort().map((name) => shown.get(name) ?? show(name))),
  }
}

const mayLook = (principal: Principal): void => {
  authorize(principal, ['queues:read', 'jobs:read'])
  if (!principal.queues.includes('*'))
    throw ResourceForbidden('The board shows all queues; this credential may see some of them only.')
}

const below = (path: string): string | undefined =>
  path === MOUNT ? '/' : path.startsWith(MOUNT + '/') ? path.slice(MOUNT.length) : undefined

/** Middleware: answers below the mount, lets everything else pass. */
export const createBoard = (bull: BoardQueues, identify: Identify, charge: Charge): Middleware => {
  const boards = new Map<boolean, Promise<Board>>()
  const boardFor = (masked: boolean): Promise<Board> => {
    const known = boards.get(masked) ?? load(bull, masked)
    boards.set(masked, known)
    return known
  }
  const handle = async (ctx: Ctx, next: () => Promise<unknown>): Promise<void> => {
    const path = below(ctx.path)
    if (path === undefined) {
      await next()
      return
    }
    const principal = await identifyOnce(identify, ctx)
    if (principal.kind === 'anonymous' && (ctx.req.headers.accept ?? '').includes('text/html')) {
      ctx.redirect('/')
      return
    }
    await charge.first(ctx, principal)
    mayLook(principal)
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD')
      throw MethodNotAllowed('The board only shows.', { headers: { Allow: 'GET, HEAD' } })
    const masked = !principal.scopes.includes('jobs:data')
    if (masked && path.endsWith('/logs')) authorize(principal, ['jobs:data'])
    const board = await boardFor(masked)
    board.refresh()
    if (!(await board.adapter.answer(ctx, path))) throw RouteNotFound('There is nothing here.')
  }
  return handle as Middleware
}
