// The live connection of this page, with its ways of listening plugged in.
import { clock } from '../../ui/clock.ts'
import { toasts } from '../../ui/toasts.ts'
import { api, streamUrl } from '../api.ts'
import { asRoutine } from '../routine.ts'
import { session } from '../session.ts'
import { later } from './later.ts'
import { Live } from './live.ts'
import { openSocket } from './socket.ts'
import { REFRESH_MS } from './status.ts'

const WAIT_S = 25
const HIDDEN_MS = 600_000
const gapListeners = new Set<() => void>()
const tellGap = (): void => asRoutine(() => gapListeners.forEach((tell) => tell()))

const SAID_MS = 5_000
let saidAt = Number.NEGATIVE_INFINITY
/** A page that is behind is not made slower by fetching all the time. */
const BEHIND_MS = 500
let again: ReturnType<typeof setTimeout> | undefined
/** Says it once, however many subscriptions missed something, and has what is shown fetched anew. */
const missed = (isBehind: boolean): void => {
  if (isBehind) {
    again ??= setTimeout(() => {
      again = undefined
      tellGap()
    }, BEHIND_MS)
    return
  }
  const now = performance.now()
  if (now - saidAt > SAID_MS)
    toasts.done('Some news were lost while the connection was away; what you see was fetched anew.')
  saidAt = now
  tellGap()
}

export const live = new Live({
  wires: {
    ws: openSocket((signal) => api.stream.ticket({ signal })),
    sse: later(async () => (await import('./event-source.ts')).openEventSource(streamUrl('sse'))),
    poll: later(async () =>
      (await import('./poll.ts')).openPoll(({ topics, after, signal }) =>
        api.stream.poll({ query: { topics: topics.join(','), wait: WAIT_S, ...(after && { after }) }, signal }),
      ),
    ),
  },
  onClock: clock.correct,
  onGap: missed,
})

/** Calls back when what is shown must be fetched anew: events were lost for good, or nobody may listen to them. Answers how
 *  to stop. */
export const onGap = (listener: () => void): (() => void) => {
  gapListeners.add(listener)
  return () => gapListeners.delete(listener)
}

/** Keeps pages fresh: by listening, or by fetching them anew now and then where that is all one may. Answers how to stop. */
export const startLive = (): (() => void) => (session.lacks('stream:read') === undefined ? listen() : refresh())

/** Listens, rests while the page is long hidden, and hurries when page or network come back. */
const listen = (): (() => void) => {
  let hidden: ReturnType<typeof setTimeout> | undefined
  const over = new AbortController()
  const { signal } = over
  const seen = (): void => {
    clearTimeout(hidden)
    if (document.hidden) hidden = setTimeout(() => live.stop('paused'), HIDDEN_MS)
    else live.hurry()
  }
  document.addEventListener('visibilitychange', seen, { signal })
  addEventListener('online', () => live.hurry(), { signal })
  addEventListener('offline', () => live.stop('offline'), { signal })
  live.start()
  return () => {
    over.abort()
    clearTimeout(hidden)
    live.stop()
  }
}

const refresh = (): (() => void) => {
  const look = (): void => {
    if (!document.hidden) tellGap()
  }
  live.stop('refreshed')
  const timer = setInterval(look, REFRESH_MS)
  document.addEventListener('visibilitychange', look)
  return () => {
    clearInterval(timer)
    document.removeEventListener('visibilitychange', look)
    live.stop()
  }
}
