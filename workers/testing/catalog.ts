// Kinds that end their process in every way a process can end, and innocents to run beside them.
import { appendFileSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { z } from 'zod'
import { catalogOf, kind } from '../../shared/catalog/catalog.ts'
import { done } from '../../shared/catalog/handler.ts'
import type { Handlers } from '../../shared/catalog/handler.ts'

const Nothing = z.strictObject({})
const deadly = <const Name extends string>(name: Name) =>
  kind({
    name,
    queue: 'ward',
    summary: 'Ends its process.',
    payload: Nothing,
    result: z.null(),
    retry: { attempts: 5 },
  })

const innocent = kind({
  name: 'innocent',
  queue: 'ward',
  summary: 'Takes a while the first time, so that it runs when a neighbour ends the process.',
  payload: z.strictObject({ takes_ms: z.int() }),
  result: z.object({ fence: z.int() }),
  retry: { attempts: 5 },
})
const patient = kind({
  name: 'patient',
  queue: 'ward',
  summary: 'Runs until its signal fires.',
  payload: z.strictObject({ deaf: z.boolean().default(false) }),
  result: z.null(),
  timeoutMs: 600_000,
})
const pilgrim = kind({
  name: 'pilgrim',
  queue: 'ward',
  summary: 'Runs until its signal fires, writes down how far it is, and goes on from there.',
  payload: Nothing,
  result: z.null(),
  timeoutMs: 600_000,
  resumes: true,
})
const stuck = kind({
  name: 'stuck',
  queue: 'ward',
  summary:
    'Blocks its process until there is a file `end`, and ends it then; in `runs` is a line for each time it began.',
  payload: z.strictObject({ dir: z.string() }),
  result: z.null(),
  retry: { attempts: 5 },
})

export const wardCatalog = catalogOf(
  innocent,
  patient,
  pilgrim,
  stuck,
  deadly('exit'),
  deadly('exit-zero'),
  deadly('segv'),
  deadly('heap'),
  deadly('loop'),
)

/** Long enough for the neighbours to have begun. */
const fuse = (): Promise<void> => wait(300)

/** Nothing else happens in the process meanwhile, as when its heap is nearly full. */
const block = (ms: number): unknown => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)

export const wardHandlers: Handlers<typeof wardCatalog> = {
  innocent: async ({ payload, fence, signal }) => {
    await wait(fence === 1 ? payload.takes_ms : 5, undefined, { signal })
    return done({ fence })
  },
  patient: async ({ payload, signal, progress }) => {
    await progress(1)
    await new Promise((_resolve, reject) => {
      if (!payload.deaf) signal.addEventListener('abort', () => reject(signal.reason as Error))
    })
    return done(null)
  },
  pilgrim: async ({ signal, progress, log }) => {
    await progress(1)
    // It may have fired while Redis was told.
    if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
    await log('this far')
    return done(null)
  },
  stuck: ({ payload }) => {
    appendFileSync(join(payload.dir, 'runs'), `${process.pid}\n`)
    while (!existsSync(join(payload.dir, 'end'))) block(10)
    process.exit(3)
  },
  exit: async () => {
    await fuse()
    process.exit(3)
  },
  'exit-zero': async () => {
    await fuse()
    process.exit(0)
  },
  segv: async () => {
    await fuse()
    process.kill(process.pid, 'SIGSEGV')
    await wait(60_000)
    return done(null)
  },
  heap: async () => {
    await fuse()
    const full: unknown[] = []
    for (;;) full.push(Array.from({ length: 100_000 }, (_each, index) => ({ index })))
  },
  loop: async () => {
    await fuse()
    for (let turns = 0; ; turns++) if (turns < 0) return done(null)
  },
}
