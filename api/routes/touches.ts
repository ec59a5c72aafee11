// Routes of what things touch.
import type { Rooms } from '../../shared/rooms.ts'
import { touches as rows } from '../../shared/touches/contract.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindTouches = (bind: Bind, { touches, auth }: Pick<Rooms, 'touches' | 'auth'>): void => {
  bind(rows.service, async ({ principal, params }) => reply(200, await touches.service(principal, params.service)))
  bind(rows.whatIf, async ({ params, body }) => reply(200, await touches.whatIf(params.service, body)))
  bind(rows.version, async ({ principal, params }) => reply(200, await touches.version(principal, params.version)))
  bind(rows.key, async ({ principal, params }) =>
    reply(200, await touches.key(principal, await auth.keys.show(params.key_id))),
  )
}
