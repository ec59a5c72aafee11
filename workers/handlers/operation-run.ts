// Performs operation.run: takes an operation from where it stood, for one turn.
import type { operationRun as kind } from '../../shared/catalog/operation-run.ts'
import { done, snooze } from '../../shared/catalog/handler.ts'
import type { Handler } from '../../shared/catalog/handler.ts'
import type { Runner } from '../../shared/operations/operations.ts'

export const operationRun =
  (runner: Runner): Handler<typeof kind> =>
  async ({ payload, signal }) => {
    const end = await runner.run(payload.operation_id, signal)
    if (end === 'goes_on') return snooze(0, 'the operation gives way to others')
    return done({ operation_id: payload.operation_id, ended: end === 'ended' })
  }
