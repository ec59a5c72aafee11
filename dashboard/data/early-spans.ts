// Runs that are asked for before there is a page to show them: to make one takes as long as the answer.
import type { SpanColumns } from '../../shared/timeline/contract.ts'
import { askSpans, type Window } from './spans.ts'

/** What was asked for before there was a page to show it. */
let early: { window: Window; limit: number; answer: Promise<SpanColumns>; drop: AbortController } | undefined
/** How long it is kept for the page, and by how much the window of that may end elsewhere: the stream tells what came since. It may begin
 *  later, as the usual range gets shorter where nothing is older. */
const EARLY_MS = 10_000

/** Asks for the runs of the window that a page begins with, while that is made, which takes as long as the answer. */
export const askEarly = (window: Window, limit: number): void => {
  early?.drop.abort()
  const drop = new AbortController()
  const mine = (early = { window, limit, answer: askSpans(window, limit, drop.signal), drop })
  const forget = (): void => {
    if (early === mine) early = undefined
  }
  // One that failed is asked again: it may have been asked before somebody signed in.
  mine.answer.catch(forget)
  setTimeout(() => {
    if (early !== mine) return
    forget()
    drop.abort()
  }, EARLY_MS)
}

/** The answer that was asked for early, if it is that to this question. */
export const takeEarly = (
  { from, to }: Window,
  limit: number,
  signal: AbortSignal,
): Promise<SpanColumns> | undefined => {
  const taken = early
  early = undefined
  if (!taken) return undefined
  const { window, answer, drop } = taken
  const isIn = window.from <= from && Math.abs(to - window.to) < EARLY_MS
  if (!isIn || taken.limit !== limit) {
    drop.abort()
    return undefined
  }
  signal.addEventListener('abort', () => drop.abort(), { once: true })
  return answer
}
