// The kinds of job that benchmarks run: one that does nothing and one that fails for good, each in as many queues as asked for.
import { z } from 'zod'
import { catalogOf, kind } from '../../shared/catalog/catalog.ts'
import type { Catalog } from '../../shared/catalog/kind.ts'
import { done, permanent } from '../../shared/catalog/handler.ts'
import type { AnyHandlers } from '../../shared/catalog/handler.ts'

/** What a producer sends; both sides check it. */
export const Payload = z.strictObject({
  to: z.string().min(1).max(200),
  subject: z.string().max(500),
  n: z.int().min(0),
})
const result = z.object({ ok: z.boolean() })

export const QUEUE = 'bench'

/** A payload of a usual size, about 200 bytes of JSON. */
export const payloadOf = (n: number): z.output<typeof Payload> => ({
  to: 'ada@example.com',
  subject:
    'Your report of the week is ready: it lists what ran, what waited and what failed, by queue and by name of job.',
  n,
})

const queueOf = (index: number): string => (index === 0 ? QUEUE : `${QUEUE}-${index}`)
const suffix = (index: number): string => (index === 0 ? '' : `.${index}`)

/** `queues` kinds `noop`, `noop.1`, … in as many queues, and `fail` in the first ones beside them. */
export const benchCatalog = (queues = 1): Catalog =>
  catalogOf(
    ...Array.from({ length: queues }, (_, index) => [
      kind({ name: `noop${suffix(index)}`, queue: queueOf(index), summary: 'Does nothing.', payload: Payload, result }),
      kind({ name: `fail${suffix(index)}`, queue: queueOf(index), summary: 'Fails.', payload: Payload, result }),
    ]).flat(),
  )

/** Answers, or fails for good, at once. `onFailure` hears of each failure. */
export const benchHandlers = (catalog: Catalog, onFailure: (queue: string) => void = () => undefined): AnyHandlers =>
  Object.fromEntries(
    Object.keys(catalog).map((name) => [
      name,
      name.startsWith('noop')
        ? () => done({ ok: true })
        : ({ queue }) => {
            onFailure(queue)
            throw permanent(new Error('no such mailbox'))
          },
    ]),
  )
