// Given to k1n's own programs with `--import`: they start unchanged, but see the catalog, handlers and settings of the
// fault programme. Children inherit it, because the supervisor passes its own options on.
import { appendFileSync, readFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { machineTime } from './machine-time.ts'

const root = new URL('../../../', import.meta.url)
const here = new URL('./', import.meta.url)

/** Modules that are seen in another's place; the stand-ins themselves see the real ones. */
const standIns = new Map(
  [
    ['shared/catalog/catalog.ts', 'catalog.ts'],
    ['workers/handlers/handlers.ts', 'handlers.ts'],
    ['shared/bullmq/settings.ts', 'settings.ts'],
    ['shared/recorder/recorder.ts', 'recorder.ts'],
    ['shared/kernel/lease.ts', 'lease.ts'],
  ].map(([real = '', standIn = '']) => [new URL(real, root).href, new URL(standIn, here).href]),
)

registerHooks({
  resolve(specifier, context, next) {
    const found = next(specifier, context)
    const standIn = standIns.get(found.url)
    return standIn === undefined || context.parentURL === standIn ? found : { ...found, url: standIn }
  },
})

/** Asked by a signal, a process clears away what it no longer needs and writes down what it still holds. */
const weigh = (path: string): void => {
  setFlagsFromString('--expose-gc')
  const clear = runInNewContext('gc') as () => void
  process.on('SIGUSR2', () => {
    clear()
    const { heapUsed, external } = process.memoryUsage()
    appendFileSync(path, `${process.pid} ${heapUsed + external}\n`)
  })
}

const path = process.env['K1N_TEST_MEMORY']
if (path !== undefined) weigh(path)

const LOOK_MS = 20

/** A clock that is wrong, or goes wrong: the ms that a file says are added to every time that is asked for. */
const setClock = (path: string): void => {
  const read = (): number => Number(readFileSync(path, 'utf8'))
  let offMs = read()
  setInterval(() => (offMs = read()), LOOK_MS).unref()
  const now = (): number => machineTime() + offMs
  globalThis.Date = new Proxy(Date, {
    get: (real, name) => (name === 'now' ? now : (Reflect.get(real, name) as unknown)),
    construct: (real, args, made) => Reflect.construct(real, args.length === 0 ? [now()] : args, made) as object,
  })
}

const clock = process.env['K1N_TEST_CLOCK']
if (clock !== undefined) setClock(clock)
