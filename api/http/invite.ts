// Clients that ask before they send a body (`Expect: 100-continue`): they are asked for it by whoever reads it, so that one that is
// refused before need not send it at all.
import type { IncomingMessage, Server } from 'node:http'

const asking = new WeakMap<IncomingMessage, () => void>()

/** Lets requests that ask first wait until their body is wanted. */
export const askLater = (server: Server): void => {
  server.on('checkContinue', (req, res) => {
    asking.set(req, () => res.writeContinue())
    server.emit('request', req, res)
  })
}

/** Asks for the body of a request, if its client waits for that. */
export const invite = (req: IncomingMessage): void => {
  asking.get(req)?.()
  asking.delete(req)
}
