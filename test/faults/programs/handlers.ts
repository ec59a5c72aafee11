// Handlers of the fault programme beside the real ones: each writes down that it begins and how it ends.
import { once } from 'node:events'
import { appendFileSync } from 'node:fs'
import { get } from 'node:http'
import type { IncomingMessage } from 'node:http'
import * as real from '../../../workers/handlers/handlers.ts'
import { done } from '../../../shared/catalog/handler.ts'
import type { Handler, HandlerContext } from '../../../shared/catalog/handler.ts'
import type { Kernel } from '../../../shared/kernel/kernel.ts'
import type { ExecutionLine } from '../support/ledger.ts'
import type * as kinds from './catalog.ts'
import { machineTime } from './machine-time.ts'

const path = process.env['K1N_TEST_LEDGER'] ?? ''
let runs = 0

/** Appended at once and by one call, so that a line is there whole even if the process is killed next. */
const write = (line: ExecutionLine): void => appendFileSync(path, JSON.stringify(line) + '\n')

const begin = ({ id, attempt, payload }: HandlerContext<{ key: string }>): string => {
  const run = `${process.pid}.${++runs}`
  write({ at: machineTime(), run, begins: { id, key: payload.key, attempt, pid: process.pid } })
  return run
}
const end = (run: string, ends: 'done' | 'thrown' | 'aborted'): void => write({ at: machineTime(), run, ends })

const work =
  ({ clock }: Kernel): Handler<typeof kinds.work> =>
  async (context) => {
    const { payload, signal, attempt } = context
    const run = begin(context)
    await clock.sleep(payload.takes_ms, signal)
    if (signal.aborted) end(run, 'aborted')
    signal.throwIfAborted()
    if (attempt <= payload.fails_until) {
      end(run, 'thrown')
      throw new Error(`attempt ${attempt} fails, as it was told to`)
    }
    end(run, 'done')
    return done({ pid: process.pid })
  }

const misbehave = {
  exit: () => process.exit(7),
  segfault: () => process.kill(process.pid, 'SIGSEGV'),
  heap() {
    const kept: unknown[] = []
    for (;;) kept.push(new Array(1_000_000).fill(1.5))
  },
  spin() {
    for (;;);
  },
} as const

const crash: Handler<typeof kinds.crash> = async (context) => {
  begin(context)
  misbehave[context.payload.how]()
  // The signal that ends the process is on its way.
  return new Promise(() => undefined)
}

const hang: Handler<typeof kinds.hang> = async (context) => {
  begin(context)
  return new Promise(() => undefined)
}

const answerOf = async (port: number): Promise<number | undefined> => {
  const request = get({ port, host: '127.0.0.1', agent: false })
  const [response] = (await once(request, 'response')) as [IncomingMessage]
  response.resume()
  return response.statusCode
}

const call: Handler<typeof kinds.call> = async (context) => {
  const run = begin(context)
  const status = await answerOf(context.payload.port)
  end(run, status === 200 ? 'done' : 'thrown')
  if (status !== 200) throw Object.assign(new Error(`the service answered ${status}`), { status })
  return done({ pid: process.pid })
}

export const createHandlers = (kernel: Kernel) => {
  const { handlers, ...rest } = real.createHandlers(kernel)
  const worker = work(kernel)
  const ours = {
    ...{ 'fault.work': worker, 'fault.batched': worker },
    ...{ 'fault.crash': crash, 'fault.hang': hang, 'fault.call': call },
  }
  return { ...rest, handlers: { ...handlers, ...ours } }
}
