// Facts: past tense, one name for the stream and one for webhooks, one schema, and an id that never changes.
import type { z } from 'zod'

/** A kind of fact. `name` is what webhooks call it (`error_recovery.retry_attempt`), `live` what the stream calls it
 *  (`retry:attempt`); `data` is byte-identical in both. */
export interface EventKind<Name extends string = string, Schema extends z.ZodType = z.ZodType> {
  readonly name: Name
  readonly live: string
  readonly description: string
  readonly data: Schema
}

export const event = <const Name extends string, Schema extends z.ZodType>(
  name: Name,
  live: string,
  description: string,
  data: Schema,
): EventKind<Name, Schema> => ({ name, live, description, data })

/** A fact on its way into the log. `id` is given by the log; `at` is epoch milliseconds. */
export interface Fact<Kind extends EventKind = EventKind> {
  kind: Kind
  at: number
  data: z.output<Kind['data']>
}

/** Pairs a kind with its data; the compiler checks that they belong together. */
export const fact = <Kind extends EventKind>(kind: Kind, at: number, data: z.output<Kind['data']>): Fact<Kind> => ({
  kind,
  at,
  data,
})
