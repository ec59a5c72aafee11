// Telling a repeated request what the first one was told. It is the same request, so nothing of it is kept but what it does not say.
import type { Principal } from '../auth/contract.ts'
import type { Retold } from '../bullmq/receipt.ts'
import { findKind } from '../catalog/catalog.ts'
import type { AnyKind } from '../catalog/kind.ts'
import { isProblem } from '../kernel/problem.ts'
import { IdempotencyKeyReused } from '../kernel/problems.ts'
import type { Job, JobInput } from './contract.ts'
import { added, formed, idOf } from './enqueue.ts'
import type { Enqueuing } from './enqueue.ts'
import { parseFacts } from './told.ts'

/** A request that was carried out, and what was kept of it. */
export interface Told {
  idempotencyKey: string | undefined
  facts: string
}

/** Where the job is gone by now it is told as it was; and where none like it would be stored any more, as one that no handler is known for. */
export const retell = (
  room: Enqueuing,
  principal: Principal,
  input: JobInput,
  { idempotencyKey, facts }: Told,
): Retold<Job> => {
  const kept = parseFacts(facts)
  if (kept === undefined)
    throw IdempotencyKeyReused('What was answered to this Idempotency-Key cannot be read; use a new one.')
  const { at, traceparent, queue } = kept
  const options = { idempotencyKey, traceparent, at }
  const toldOf = (kind: AnyKind | undefined): Job =>
    added(room, formed(room.kernel, { queue, kind }, principal, input, options))
  const told = (): Job => toldOf(findKind(input.name, room.catalog))
  return {
    told,
    async now() {
      try {
        return await room.show(principal, { queue, id: idOf(principal, queue, input, options, at) })
      } catch (error) {
        if (!isProblem(error) || error.status !== 404) throw error
      }
      try {
        return told()
      } catch {
        // What was accepted is not refused later.
        return toldOf(undefined)
      }
    },
  }
}
