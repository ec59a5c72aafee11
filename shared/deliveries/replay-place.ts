// One replay of a webhook at a time, whoever asks for it.
import type { Kernel } from '../kernel/kernel.ts'
import type { Operations } from '../operations/operations.ts'
import { ReplayRunning } from './contract.ts'

/** A process that dies between taking the place and starting the operation holds it for so long. */
const STARTING_MS = 10_000
const KEPT_MS = 7 * 86_400_000
const STARTING = 'starting'

/** Starts an operation if none of this webhook goes on. Problem: `replay-running`. */
export const inReplayPlace = async <Started extends { id: string }>(
  kernel: Kernel,
  operations: Operations,
  webhookId: string,
  start: () => Promise<Started>,
): Promise<Started> => {
  const { redis } = kernel
  const key = kernel.key('deliveries', 'replay', webhookId)
  const held = await redis.set(key, STARTING, 'PX', STARTING_MS, 'NX', 'GET')
  if (held !== null) {
    if (held === STARTING || (await operations.isGoingOn(held))) throw running(held)
    // Whoever finds another than the one that has ended was overtaken.
    if ((await redis.set(key, STARTING, 'PX', STARTING_MS, 'GET')) !== held) throw running(STARTING)
  }
  try {
    const operation = await start()
    await redis.set(key, operation.id, 'PX', KEPT_MS)
    return operation
  } catch (error) {
    await redis.del(key)
    throw error
  }
}

const running = (id: string): Error =>
  id === STARTING
    ? ReplayRunning('Another replay of this webhook begins right now; wait for its end.')
    : ReplayRunning(`The operation ${id} replays this webhook; wait for its end, or cancel it.`)
