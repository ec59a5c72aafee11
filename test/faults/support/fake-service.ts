// A service that jobs call: up or down, with a ledger of its calls, and the breaker that k1n keeps for it.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SERVICE } from '../programs/catalog.ts'
import type { Stage } from './stage.ts'

export interface FakeService {
  readonly port: number
  /** When it was called, in epoch ms, in order. */
  readonly calls: readonly number[]
  /** How it answers from now on those calls whose time is over. */
  isUp: boolean
}

/** How long it takes for an answer, in ms. */
const TAKES_MS = 40

/** Listens on a free loopback port, and tells k1n what its calls are held to. */
export const startFakeService = async (stage: Stage, breaker: Record<string, unknown>): Promise<FakeService> => {
  const calls: number[] = []
  const server = createServer((_request, response) => {
    calls.push(Date.now())
    setTimeout(() => response.writeHead(service.isUp ? 200 : 503).end(), TAKES_MS)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stage.ground.onClose(async () => {
    server.closeAllConnections()
    server.close()
  })
  const service = { port: (server.address() as AddressInfo).port, calls, isUp: true }
  const body = { name: SERVICE, summary: 'Up or down, as a fault wants it.', breaker }
  const { status } = await stage.client.call('POST', '/api/v2/services', body)
  if (status !== 201) throw new Error(`the service could not be made: ${status}`)
  return service
}

/** A change of the service's breaker as the log tells it. */
export interface Transition {
  at: number
  from: string
  to: string
  generation: number
}

export const transitionsIn = async ({ census }: Stage): Promise<Transition[]> =>
  (await census.facts('error_recovery.circuit_breaker')).map(({ at, data }) => {
    const { from, to, sequence } = JSON.parse(data) as { from: string; to: string; sequence: number }
    return { at, from, to, generation: sequence }
  })
