// Routes of limits: where the caller stands.
import { limits as rows } from '../../shared/limits/contract.ts'
import type { Limits } from '../../shared/limits/limits.ts'
import { quotaOf } from '../../shared/limits/show.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindLimits = (bind: Bind, { limits }: { limits: Limits }): void => {
  bind(rows.quota, async ({ principal }) => reply(200, quotaOf(principal, await limits.look(principal))))
}
