// Hearing of all schedules: soon when somebody changes one, and now and then while they fire, which some do every second.
import { createBurst } from '../../data/burst.ts'
import { live, onGap } from '../../data/live/index.ts'

/** Nothing on a page about many schedules needs to be newer. */
const FIRED_MS = 3_000

/** Calls `then` after something happened to any schedule; of what happened while nobody looked, once they look again. Answers
 *  how to stop. */
export const followSchedules = (then: () => Promise<unknown>): (() => void) => {
  const changed = createBurst(then)
  let fired: ReturnType<typeof setTimeout> | undefined
  let isOwed = false
  const look = (): void => {
    clearTimeout(fired)
    fired = undefined
    isOwed = document.hidden
    // What happened since the fetch that is under way began is asked for by the next.
    if (!isOwed && !changed.now()) fired = setTimeout(look, FIRED_MS)
  }
  const seen = (): void => {
    if (isOwed) look()
  }
  const leave = live.events('schedule:*', ({ event }) => {
    if (event === 'schedule:changed') changed.happened()
    else fired ??= setTimeout(look, FIRED_MS)
  })
  const offGap = onGap(() => void then())
  document.addEventListener('visibilitychange', seen)
  return () => {
    leave()
    offGap()
    changed.stop()
    clearTimeout(fired)
    document.removeEventListener('visibilitychange', seen)
  }
}
