// Routes of limits: where the caller stands, and where a key does.
import type { Auth } from '../../shared/auth/auth.ts'
import type { Principal } from '../../shared/auth/contract.ts'
import { limits as rows } from '../../shared/limits/contract.ts'
import type { Limits } from '../../shared/limits/limits.ts'
import { quotaOf } from '../../shared/limits/show.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindLimits = (bind: Bind, { limits, auth }: { limits: Limits; auth: Auth }): void => {
  bind(rows.quota, async ({ principal }) => reply(200, quotaOf(principal, await limits.look(principal))))
  bind(rows.quotaOfKey, async ({ params }) => {
    const { id, name, scopes, queues, tier, limits: own } = await auth.keys.show(params.key_id)
    const key: Principal = { kind: 'key', id, name, scopes, queues, tier, ...(own && { limits: own }) }
    return reply(200, quotaOf(key, await limits.look(key)))
  })
}
