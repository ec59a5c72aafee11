// Runs by the facts that tell of them, for ways that would tell the state of all runs whole each time one changes: in a busy
// minute that is a megabyte, several times a second.
import { toSpanRow } from '../../shared/timeline/span-words.ts'
import type { SpanStore } from '../gantt/spans.ts'
import { clock } from '../ui/clock.ts'
import { live, onGap } from './live/index.ts'
import type { EventItem } from './live/frames.ts'
import { asRoutine } from './routine.ts'
import { loadSpans } from './spans.ts'

const FACTS = ['job:active', 'job:completed', 'job:failed', 'retry:attempt']
/** What was told while nobody listened, and runs that were cut off, are in the last minute when it is read anew; after a longer
 *  pause in the time since the last look. */
const RECENT_MS = 60_000
const AGAIN_MS = 15_000
const LOOK_MAX = 20_000

/** The run that an event speaks of, into the store. */
const takeInto =
  (store: SpanStore) =>
  ({ name, ts, data }: EventItem): void => {
    const row = toSpanRow({ name, at: Date.parse(ts), value: data })
    if (row) store.upsert(row)
  }

/** Keeps the store fresh by facts. Answers how to stop. */
export const followFacts = (store: SpanStore): (() => void) => {
  const over = new AbortController()
  let since = clock.exact()
  let isLooking = false
  const look = async (): Promise<void> => {
    const now = clock.exact()
    await loadSpans(store, { from: Math.min(since, now - RECENT_MS), to: now }, over.signal, LOOK_MAX)
    since = now
  }
  const lookAgain = (): void => {
    if (isLooking || document.hidden) return
    isLooking = true
    // What fails is tried again at the next look; that nothing is heard is told by the connection itself.
    const done = (): void => void (isLooking = false)
    asRoutine(() => void look().then(done, done))
  }
  const stops = [...FACTS.map((topic) => live.events(topic, takeInto(store))), onGap(lookAgain)]
  const timer = setInterval(lookAgain, AGAIN_MS)
  lookAgain()
  return () => {
    over.abort()
    clearInterval(timer)
    for (const stop of stops) stop()
  }
}
