// Words of rewinding: what asks for how things stood at another time.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'
import { problem } from '../kernel/problem.ts'

/** How long it is kept how things stood. */
export const KEPT_MS = 24 * 60 * 60 * 1_000

export const MomentNotKept = problem('moment-not-kept', 'malformed', 'How things stood then is not kept.', 410)

/** The query member of rows that can tell how things stood. */
export const AsOf = z.iso
  .datetime({ offset: true })
  .optional()
  .describe(
    'How things stood then, within the last 24 hours: as kept nearest to that time and not after it, once a minute. The answer says by its own `as_of` which moment it is of.',
  )

/** The member of an answer that tells how things stood. */
export const AsOfTold = Instant.optional().describe('The moment it is of; only where `as_of` was asked for.')
