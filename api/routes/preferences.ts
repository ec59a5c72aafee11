// Routes of preferences: each caller has their own, by who asks.
import { preferences as rows } from '../../shared/preferences/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindPreferences = (bind: Bind, { preferences }: Pick<Rooms, 'preferences'>): void => {
  bind(rows.show, async ({ principal }) => reply(200, await preferences.show(principal)))
  bind(rows.edit, async ({ principal, body }) => reply(200, await preferences.edit(principal, body)))
}
