// Routes of schedules.
import type { Rooms } from '../../shared/rooms.ts'
import { schedules as rows } from '../../shared/schedules/contract.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindSchedules = (bind: Bind, { schedules }: Rooms): void => {
  bind(rows.validate, ({ body }) => Promise.resolve(reply(200, schedules.validate(body))))
}
