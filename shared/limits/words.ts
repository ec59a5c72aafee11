// Words of limits that other contracts use too: tiers, and what a single key may be allowed beside its tier.
import { z } from 'zod'

/** How much a key may ask for; the figures are in `tiers.ts`. */
export const Tier = z.enum(['standard', 'premium', 'internal']).meta({ id: 'Tier' })
export type Tier = z.output<typeof Tier>

/** Figures of one key in place of its tier's. */
export const KeyLimits = z
  .strictObject({
    per_minute: z.int().min(1).max(1_000_000).optional(),
    per_day: z.int().min(1).max(1_000_000_000).optional(),
    burst_ratio: z
      .number()
      .min(0)
      .max(10)
      .optional()
      .describe('0.2: a fifth more for a minute, then a minute without.'),
  })
  .refine((limits) => Object.keys(limits).length > 0, { message: 'say per_minute, per_day or burst_ratio' })
  .describe("What the key is limited to in place of its tier's figures; null for those of the tier.")
  .meta({ id: 'KeyLimits' })
export type KeyLimits = z.output<typeof KeyLimits>
