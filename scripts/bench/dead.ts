// Many dead letters of known causes, made in Redis itself: what an inbox is measured and proven with.
import { bullKeys } from '../../shared/bullmq/keys.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { script } from '../../shared/kernel/script.ts'

const fillScript = script(new URL('./dead.lua', import.meta.url))

interface Cause {
  name: string
  version: string
  /** With `#` where each death has a number of its own. */
  message: string
  trace: string
}

const DATA = JSON.stringify({
  to: 'ada@example.com',
  subject:
    'Your report of the week is ready: it lists what ran, what waited and what failed, by queue and by name of job.',
  customer: { id: 4_711, plan: 'team' },
})
const things = ['mailbox', 'invoice', 'playlist', 'artist', 'report', 'webhook', 'avatar', 'session', 'order', 'track']
const wrongs = [
  ['SmtpError', 'the # of ada+#@example.com is full'],
  ['TypeError', "Cannot read properties of undefined (reading 'x#')"],
  ['DatabaseError', 'duplicate key value violates unique constraint "u_#" for # at 10.0.3.17:5432'],
  ['HttpError', 'GET https://api.example.com/v1/#/#?page=# answered # at 2026-11-26T08:01:19.123Z'],
  ['TimeoutError', 'took longer than # ms for #'],
] as const

/** Fifty causes: ten things, and five ways each can go wrong. */
export const causes: readonly Cause[] = things.flatMap((thing, at) =>
  wrongs.map(([error, text], way) => {
    const message = text.replace('#', thing === 'mailbox' ? 'mailbox' : thing)
    const frames = Array.from({ length: 9 }, (_, depth) =>
      depth < 3
        ? `    at ${thing}Step${'abc'.charAt(depth)} (/app/src/${thing}/${error}.ts:#:11)`
        : `    at run${'abcdefghi'.charAt(depth)} (/app/node_modules/library/dist/cjs/classes/inner.js:${depth}:#)`,
    )
    return {
      name: `${thing}.${['send', 'build', 'store', 'fetch', 'wait'][way] ?? ''}`,
      version: at % 2 === 0 ? '2026.11.1' : '2026.11.2',
      message,
      trace: JSON.stringify([[`${error}: ${message}`, ...frames].join('\n')]),
    }
  }),
)

export interface Filling {
  queue: string
  count: number
  /** Number of the first; ids follow from numbers. */
  first?: number
  /** Epoch ms of the first death, and ms between two. */
  from: number
  stepMs: number
}

/** Held for some tens of ms at most. */
const AT_ONCE = 2_000

/** Fills a failed set. Nobody is told. */
export const fillDead = async (
  kernel: Pick<Kernel, 'redis' | 'bullPrefix'>,
  { queue, count, first = 0, from, stepMs }: Filling,
): Promise<void> => {
  const keys = bullKeys(kernel.bullPrefix, queue)
  const told = causes.flatMap(({ name, version, message, trace }) => [name, version, message, trace])
  for (let done = 0; done < count; done += AT_ONCE)
    await fillScript(
      kernel.redis,
      [keys.prefix, keys.failed, keys.meta],
      [first + done, Math.min(AT_ONCE, count - done), DATA, from, stepMs, causes.length, ...told],
    )
}
