// Steering worker processes, as kinds of operation: an order to the process, and waiting until it has done what it says.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import { operationRun } from '../catalog/operation-run.ts'
import type { Step, SteppingKind, Work } from '../operations/kind.ts'
import { WorkerId } from './contract.ts'
import { giveOrder } from './orders.ts'
import type { Order } from './orders.ts'
import type { Registry, WorkerInfo } from './registry.ts'

export const TurnParams = z.strictObject({ worker_id: WorkerId, timeout_ms: z.int() })
type Params = z.output<typeof TurnParams>
type Turn = 'pause' | 'resume' | 'shutdown'

interface Room {
  kernel: Kernel
  registry: Registry
}

/** How often it is looked, and how often an order is given again that was not heard. */
const LOOK_MS = 100
const AGAIN_MS = 1_000
/** A process has so long to hear of it, and to end when its jobs have. */
const SLACK_MS = 10_000

/** Run where they were asked for: a worker would wait for itself. */
export const workerTurns = (room: Room): SteppingKind<`worker.${Turn}`, typeof TurnParams>[] =>
  (['pause', 'resume', 'shutdown'] as const).map((turn) => ({
    name: `worker.${turn}`,
    params: TurnParams,
    runsWhereAsked: true,
    steps: (work) => turnWorker(room, turn, work),
  }))

async function* turnWorker(room: Room, turn: Turn, { params, createdAt }: Work<Params>): AsyncGenerator<Step> {
  const { kernel } = room
  const until = createdAt + params.timeout_ms + (turn === 'pause' ? 0 : SLACK_MS)
  for (let ordered = -Infinity; ;) {
    const standing = await standingOf(room, params.worker_id, turn)
    if (standing.is === 'done') {
      yield { total: 1, done: 1 }
      return
    }
    if (standing.is === 'never') {
      yield* fails(params, standing.reason)
      return
    }
    const now = kernel.clock.now()
    if (now >= until) {
      yield* fails(params, standing.reason)
      return
    }
    if (!standing.isHeard && now - ordered >= AGAIN_MS) {
      await giveOrder(kernel, orderOf(turn, params))
      ordered = now
    }
    yield { total: 1, done: 0, restMs: LOOK_MS }
  }
}

const orderOf = (turn: Turn, { worker_id: id, timeout_ms }: Params): Order =>
  turn === 'shutdown' ? { op: 'shutdown', id, grace_ms: timeout_ms } : { op: 'worker', id, turn }

function* fails({ worker_id: item }: Params, reason: string): Generator<Step> {
  yield { total: 1, done: 0, failed: 1, results: [{ item, is: 'failed', reason }], failure: reason }
}

type Standing =
  | { is: 'done' }
  | { is: 'never'; reason: string }
  /** `reason` is what is said when it stays so. */
  | { is: 'under_way'; isHeard: boolean; reason: string }

const standingOf = async ({ registry }: Room, id: string, turn: Turn): Promise<Standing> => {
  const info = await registry.find(id)
  if (!info) {
    const exit = await registry.howEnded(id)
    if (exit && turn === 'shutdown') return { is: 'done' }
    return { is: 'never', reason: exit ? `It has ended: ${exit.exit}.` : 'Nothing is heard of it any more.' }
  }
  if (turn === 'resume' && info.state === 'running') return { is: 'done' }
  if (turn === 'pause' && info.state === 'paused' && busyOf(info) === 0) return { is: 'done' }
  if (turn !== 'shutdown' && info.state === 'stopping') return { is: 'never', reason: 'It is being stopped.' }
  const isHeard = info.state === (turn === 'pause' ? 'paused' : 'stopping')
  return { is: 'under_way', isHeard, reason: isHeard ? slow(info, turn) : 'It did not hear the order in time.' }
}

/** Its own operations go on as long as they like: one of them may be this one, after a crash of whoever ran it. */
const busyOf = ({ running, active }: WorkerInfo): number =>
  Math.max(0, running - active.filter(({ queue }) => queue === operationRun.queue).length)

const slow = (info: WorkerInfo, turn: Turn): string => {
  const busy = busyOf(info)
  const jobs = busy === 1 ? 'one job still runs' : `${busy} jobs still run`
  return turn === 'pause' ? `It fetches no more, but ${jobs}.` : `It did not end in time; ${jobs}.`
}
