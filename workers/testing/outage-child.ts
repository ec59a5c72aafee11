// A worker process for the outage test: its one kind calls a service, which is whatever listens at the port it is given.
import { once } from 'node:events'
import { connect } from 'node:net'
import { createInterface } from 'node:readline'
import { done } from '../../shared/catalog/handler.ts'
import { runChild } from '../run-child.ts'
import { createServiceSide } from '../service-side.ts'
import { childKernel } from './child-kernel.ts'
import { outageCatalog, outageServices } from './outage.ts'

const kernel = childKernel()

/** Answers come in the order of the questions. */
const socket = connect(Number(process.env['K1N_TEST_PORT']), '127.0.0.1')
await once(socket, 'connect')
const waiting: ((answer: string) => void)[] = []
createInterface({ input: socket }).on('line', (line) => waiting.shift()?.(line))
const ask = (id: string): Promise<string> =>
  new Promise((resolve) => {
    waiting.push(resolve)
    socket.write(`${id}\n`)
  })

await runChild(kernel, {
  catalog: outageCatalog,
  handlers: {
    'outage.call': async ({ id }) => {
      if ((await ask(id)) === 'ok') return done(null)
      throw Object.assign(new Error('the service is down'), { code: 'ECONNREFUSED' })
    },
  },
  services: createServiceSide(kernel, outageServices),
  concurrency: 50,
})
