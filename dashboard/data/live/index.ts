// The live connection of this page, with its ways of listening plugged in.
import { clock } from '../../ui/clock.ts'
import { api, streamUrl } from '../api.ts'
import { openEventSource } from './event-source.ts'
import { Live } from './live.ts'
import { openPoll } from './poll.ts'
import { openSocket } from './socket.ts'

const WAIT_S = 25
const HIDDEN_MS = 600_000
const gapListeners = new Set<() => void>()

export const live = new Live({
  wires: {
    ws: openSocket((signal) => api.stream.ticket({ signal })),
    sse: openEventSource(streamUrl('sse')),
    poll: openPoll(({ topics, after, signal }) =>
      api.stream.poll({ query: { topics: topics.join(','), wait: WAIT_S, ...(after && { after }) }, signal }),
    ),
  },
  onClock: clock.correct,
  onGap: () => gapListeners.forEach((tell) => tell()),
})

/** Calls back when events were lost for good, so that what is shown must be fetched anew. Answers how to stop. */
export const onGap = (listener: () => void): (() => void) => {
  gapListeners.add(listener)
  return () => gapListeners.delete(listener)
}

/** Starts listening, rests while the page is long hidden, and hurries when page or network come back. Answers how to stop. */
export const startLive = (): (() => void) => {
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
