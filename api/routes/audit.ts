// Routes of the audit.
import { audit as rows } from '../../shared/audit/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindAudit = (bind: Bind, { audit }: Pick<Rooms, 'audit'>): void => {
  bind(rows.list, async ({ principal, query }) => reply(200, await audit.list(principal, query)))
}
