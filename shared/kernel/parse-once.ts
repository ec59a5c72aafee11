// Parsing what is parsed once or a few times, while a process starts.
import type { z } from 'zod'

/** Parses without making code for it: zod does that at the first parse of a schema, and it pays after hundreds.
 *  Throws what `parse` throws. */
export const parseOnce = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> =>
  schema.parse(value, { jitless: true })
