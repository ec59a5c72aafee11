// Receivers of webhooks that behave and misbehave as a fault wants, and write down every message that is brought to them.
import { createServer } from 'node:net'
import type { Socket } from 'node:net'
import { receiver } from '../../../shared/outbound/fixtures/receiver.ts'
import type { Stage } from './stage.ts'

/** A message that was brought, whatever was answered. */
export interface Brought {
  /** When its last byte came, in epoch ms. */
  at: number
  /** The header `webhook-id`. */
  message: string
  /** The position of its fact in the log. */
  fact: string
  /** Whether it was answered with 200. */
  taken: boolean
}

export interface WebhookReceiver {
  readonly name: string
  readonly brought: readonly Brought[]
  /** Takes connections in another way from now on; it behaves again without one. */
  misbehave(serve: ((socket: Socket) => void) | undefined): void
  /** Takes no connections until it is told to come back, at the same port. */
  goDown(): Promise<void>
  comeBack(): void
}

const TAKEN = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n'

/** Listens on a free loopback port, and registers that as a webhook for the ends of jobs. */
export const startReceiver = async (
  stage: Stage,
  name: string,
  more: Record<string, unknown> = {},
): Promise<WebhookReceiver> => {
  const brought: Brought[] = []
  let misbehaviour: ((socket: Socket) => void) | undefined
  const server = createServer()
  const serve = (socket: Socket): void => {
    const taken = misbehaviour === undefined
    onMessage(socket, (message) => {
      brought.push({ ...message, at: Date.now(), taken })
      if (taken) socket.end(TAKEN)
    })
    misbehaviour?.(socket)
  }
  const { url, port, ...own } = await receiver(serve, server)
  stage.ground.onClose(() => own.close())
  const { status, body } = await stage.client.call('POST', '/api/v2/webhooks', {
    ...{ url, description: name, event_types: ['job.completed'] },
    ...more,
  })
  if (status !== 201) throw new Error(`the webhook ${name} was not made: ${status} ${JSON.stringify(body)}`)
  return {
    name,
    brought,
    misbehave: (how) => void (misbehaviour = how),
    goDown: () => own.close(),
    comeBack: () => void server.listen(port, '127.0.0.1'),
  }
}

/** Calls `then` with what a request brings when the last byte of its body has come. */
const onMessage = (socket: Socket, then: (message: Pick<Brought, 'message' | 'fact'>) => void): void => {
  let seen = ''
  const listen = (chunk: Buffer): void => {
    seen += chunk.toString('latin1')
    const end = seen.indexOf('\r\n\r\n')
    const length = Number(/^content-length: (\d+)/im.exec(seen)?.[1] ?? Number.NaN)
    if (end < 0 || !(seen.length >= end + 4 + length)) return
    socket.off('data', listen)
    socket.resume()
    const { id } = JSON.parse(Buffer.from(seen.slice(end + 4), 'latin1').toString()) as { id: string }
    then({ message: /^webhook-id: (\S+)/im.exec(seen)?.[1] ?? '', fact: id })
  }
  socket.on('data', listen)
}
