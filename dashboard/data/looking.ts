// Tells the server up to when somebody looked at this page, as long as they do; fetched once the first page is there.
import { clock } from '../ui/clock.ts'
import { partingClient } from './api.ts'
import { Looker } from './looker.ts'
import { preferences } from './preferences/index.ts'
import { session } from './session.ts'
import { isHere } from './whose.ts'

const parting = partingClient()

/** One for each who signs in. */
const createLooker = (): Looker => {
  let isFirst = true
  return new Looker({
    now: clock.exact,
    known: () => preferences.now.last_seen_at,
    since: () => preferences.now.seen_before_at,
    learn: async () => {
      // What is fetched for whoever signed in is as good.
      await (isFirst ? preferences.loading : preferences.load())
      isFirst = false
    },
    write: async (seen) => {
      preferences.noted(seen)
      await parting.preferences.edit({ body: seen })
    },
  })
}

const ACTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'focus'] as const
const started = Promise.withResolvers<unknown>()
let begun: Promise<void> | undefined

/** Answers once it is known since when things are new to whoever looks. */
export const whenKnown = async (): Promise<void> => {
  await started.promise
  await begun
}

/** Starts; whoever opened the page looks at it. Answers how to stop. */
export const startLooking = (): (() => void) => {
  const looker = createLooker()
  const { standing } = session
  if (standing.state === 'in') isHere(standing.session.id)
  const look = (): void => {
    if (document.visibilityState === 'visible') begun = looker.moved()
  }
  const settle = (): void => void looker.settle()
  const turn = (): void => (document.visibilityState === 'hidden' ? settle() : look())
  for (const act of ACTS) addEventListener(act, look, { passive: true, capture: true })
  document.addEventListener('visibilitychange', turn)
  addEventListener('pagehide', settle)
  look()
  started.resolve(undefined)
  return () => {
    for (const act of ACTS) removeEventListener(act, look, { capture: true })
    document.removeEventListener('visibilitychange', turn)
    removeEventListener('pagehide', settle)
  }
}
