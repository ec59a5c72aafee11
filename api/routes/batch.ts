// Routes of batches.
import { batch as rows } from '../../shared/batch/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'
import { hopOf } from '../http/hop.ts'
import { prefersAsync } from '../http/prefer.ts'
import { underWay } from './operations.ts'

export const bindBatch = (bind: Bind, { batch }: Pick<Rooms, 'batch'>): void => {
  bind(rows.perform, async ({ principal, body, idempotencyKey, req }) => {
    const sending = { idempotencyKey, hop: hopOf(req) }
    if (body.dry_run || !prefersAsync(req)) return reply(200, await batch.perform(principal, body, sending))
    const operation = await batch.start(principal, body, sending)
    return reply(202, operation, { ...underWay(operation.id), 'Preference-Applied': 'respond-async' })
  })
}
