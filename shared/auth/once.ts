// Secrets that work once: sign-in links for a browser and tickets for a stream.
import { randomBytes } from 'node:crypto'
import type { Kernel } from '../kernel/kernel.ts'
import type { Principal } from './contract.ts'
import { digestOf } from './keys.ts'

export const CODE_MS = 10 * 60_000
export const TICKET_MS = 30_000

export interface Once {
  /** A code for `/auth/login?code=`: opens one session with all rights, within ten minutes. */
  issueCode(): Promise<string>
  redeemCode(code: string): Promise<boolean>
  /** A ticket for one stream of this principal, from the address that asked, within 30 seconds. */
  issueTicket(principal: Principal, ip: string): Promise<string>
  /** Undefined for a ticket that is unknown, used, too old or from elsewhere. */
  redeemTicket(ticket: string, ip: string): Promise<Principal | undefined>
}

const secret = (): string => randomBytes(32).toString('base64url')
const shape = /^[A-Za-z0-9_-]{43}$/
const ticketShape = /^tkt_[A-Za-z0-9_-]{43}$/

export const createOnce = (kernel: Kernel): Once => {
  const { redis } = kernel
  const place = (kind: string, text: string): string => kernel.key('auth', kind, digestOf(text))
  return {
    async issueCode() {
      const code = secret()
      await redis.set(place('code', code), '1', 'PX', CODE_MS)
      return code
    },
    redeemCode: async (code) => shape.test(code) && (await redis.getdel(place('code', code))) !== null,
    async issueTicket(principal, ip) {
      const ticket = `tkt_${secret()}`
      await redis.set(place('ticket', ticket), JSON.stringify({ principal, ip }), 'PX', TICKET_MS)
      return ticket
    },
    async redeemTicket(ticket, ip) {
      const text = ticketShape.test(ticket) ? await redis.getdel(place('ticket', ticket)) : null
      if (text === null) return undefined
      const held = JSON.parse(text) as { principal: Principal; ip: string }
      return held.ip === ip ? held.principal : undefined
    },
  }
}
