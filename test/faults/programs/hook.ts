// Given to k1n's own programs with `--import`: they start unchanged, but see the catalog, handlers and settings of the
// fault programme. Children inherit it, because the supervisor passes its own options on.
import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

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
