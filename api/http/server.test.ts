// What stopping the server promises: what runs is answered, and nobody is waited for who has nothing to ask.
import { Agent, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { closeServer, createServer } from './server.ts'

test('a connection that is kept alive holds up no stop once its answer is out', async () => {
  let answer: () => void = () => undefined
  const asked = new Promise<void>((resolve) => {
    answer = resolve
  })
  const server = createServer(
    (_req, res) => {
      answer()
      setImmediate(() => void closing.then(() => res.end('done')))
    },
    () => '',
  )
  let stop: () => void = () => undefined
  const closing = new Promise<void>((resolve) => {
    stop = resolve
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const agent = new Agent({ keepAlive: true })
  const { port } = server.address() as AddressInfo
  const status = new Promise<number | undefined>((resolve, reject) => {
    get({ port, host: '127.0.0.1', agent }, (reply) => {
      reply.resume()
      resolve(reply.statusCode)
    }).on('error', reject)
  })
  await asked
  const begun = performance.now()
  const closed = closeServer(server, 10_000)
  stop()
  expect(await status).toBe(200)
  await closed
  // The connection itself would have been kept for five seconds.
  expect(performance.now() - begun).toBeLessThan(2_500)
  agent.destroy()
})
