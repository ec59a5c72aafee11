// Changes of a queue's limits that hold only for the limits that were read. BullMQ's own API changes them without a word, so their version is
// made of what they are.
import { hash } from 'node:crypto'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createHold } from '../kernel/lease.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { NO_CONFIG, readConfigs } from './config.ts'
import type { QueueConfig } from './contract.ts'

/** Longer than reading and writing takes: one deadline of Redis for each. */
const TURN_MS = 5_000

/** Digits that a version has room for. */
const HEX_DIGITS = 12

/** The version of limits: another one for others. */
export const versionOf = ({ global_concurrency, rate_limit, depth_limit, retention }: QueueConfig): number => {
  const said = [
    ...[global_concurrency, rate_limit?.max, rate_limit?.duration_ms, depth_limit],
    ...[retention?.completed_count, retention?.completed_age_ms],
  ]
  return Number.parseInt(hash('sha256', JSON.stringify(said)).slice(0, HEX_DIGITS), 16)
}

/** Does a change while the limits have one of the versions, and nobody else makes such a change. Problem: `precondition-failed`. */
export const onlyOf = async (
  kernel: Kernel,
  bull: Bull,
  { name, versions }: { name: string; versions: readonly number[] },
  change: () => Promise<void>,
): Promise<void> => {
  const turn = createHold(kernel.redis, kernel.key('queues', 'changing', name), TURN_MS)
  if (!(await turn.acquire()))
    throw PreconditionFailed(
      `The limits of ${name} are being changed by somebody else. Read the queue again, then repeat the change.`,
    )
  try {
    const now = versionOf((await readConfigs(kernel, bull, [name])).get(name) ?? NO_CONFIG)
    if (!versions.includes(now))
      throw PreconditionFailed(
        `The limits of ${name} were changed since they were read. Read the queue again, then repeat the change.`,
        { headers: { ETag: `"${now}"` } },
      )
    await change()
  } finally {
    await turn.release()
  }
}
