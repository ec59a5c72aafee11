// Telling a repeated request what the first one was told. It is the same request, so nothing of it is kept but what it does not say.
import type { Principal } from '../auth/contract.ts'
import type { Retold } from '../bullmq/receipt.ts'
import { findKind } from '../catalog/catalog.ts'
import { isProblem } from '../kernel/problem.ts'
import type { Job, JobInput } from './contract.ts'
import { added, formed, idOf } from './enqueue.ts'
import type { Enqueuing } from './enqueue.ts'
import { parseFacts } from './told.ts'

/** A request that was carried out, and what was kept of it. */
export interface Told {
  idempotencyKey: string | undefined
  facts: string
}

/** Where the job is gone by now it is told as it was. */
export const retell = (
  room: Enqueuing,
  principal: Principal,
  input: JobInput,
  { idempotencyKey, facts }: Told,
): Retold<Job> => {
  const { at, traceparent, queue } = parseFacts(facts)
  const options = { idempotencyKey, traceparent, at }
  const told = (): Job =>
    added(room, formed(room.kernel, { queue, kind: findKind(input.name, room.catalog) }, principal, input, options))
  return {
    told,
    async now() {
      try {
        return await room.show(principal, { queue, id: idOf(principal, queue, input, options, at) })
      } catch (error) {
        if (isProblem(error) && error.status === 404) return told()
        throw error
      }
    },
  }
}
