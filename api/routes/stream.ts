// Routes of the stream that belong to no connection: tickets. The live part binds the rest itself.
import type { Auth } from '../../shared/auth/auth.ts'
import { TICKET_MS } from '../../shared/auth/once.ts'
import { stream as rows } from '../../shared/stream/contract.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bindStream = (bind: Bind, { auth }: { auth: Auth }, publicUrl: () => string): void => {
  bind(rows.ticket, async ({ principal, req }) => {
    const ticket = await auth.once.issueTicket(principal, req.socket.remoteAddress ?? '')
    const url = `${publicUrl().replace(/^http/, 'ws')}/api/v2/stream?ticket=${ticket}`
    return reply(201, { ticket, expires_in: TICKET_MS / 1_000, url })
  })
}
