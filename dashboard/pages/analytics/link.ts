// Links from a chart's bucket to what stands behind it.
import type { Leads } from '../../charts/picture.ts'

/** The dead letters that died in a span; without a beginning all that are older than its end. */
export const deadLettersIn = ({ from, to }: { from?: string; to: string }): Leads => ({
  route: 'deadLetterList',
  search: { q: `${from === undefined ? '' : `since:${from} `}until:${to}` },
})
