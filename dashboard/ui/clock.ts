// One clock for every age on the page: ticks once a second while somebody looks, corrected to the server's time.
import { createSubscriber } from 'svelte/reactivity'

/** How exact the header `Date` of an answer is. */
const HEADER_MS = 1_000

let offset = 0
let isMeasured = false
let current = Date.now()
let tell = (): void => undefined

const tick = (): void => {
  current = Date.now() + offset
  tell()
}

const subscribe = createSubscriber((update) => {
  tell = update
  const timer = setInterval(tick, 1_000)
  tick()
  return () => {
    clearInterval(timer)
    tell = () => undefined
  }
})

const move = (aheadMs: number): void => {
  const jump = Math.abs(aheadMs - offset)
  offset = aheadMs
  // An age that is wrong by this much is not left standing until the next second.
  if (jump >= HEADER_MS) tick()
}

export const clock = {
  /** Server time in epoch ms, at most a second old; reading it in a component re-renders that component each second. */
  get now(): number {
    subscribe()
    return current
  },
  /** Server time to the millisecond, for drawing; not reactive. */
  exact: (): number => Date.now() + offset,
  /** Tells how far the server is ahead of this device, in ms, as the stream measured it. */
  correct: (serverAheadMs: number): void => {
    isMeasured = true
    move(serverAheadMs)
  },
  /** Takes the header `Date` of an answer for as long as the stream has measured nothing, so that what the answer holds has its right
   *  age as soon as it is shown. `sent` is when the question left, by this device. */
  answered: (date: string | null, sent: number): void => {
    const server = Date.parse(date ?? '')
    if (isMeasured || Number.isNaN(server)) return
    const received = Date.now()
    // The header leaves out the milliseconds, and an answer may have been long on its way: what may be right is left as it is, the
    // device's own clock first.
    const mayBe = (aheadMs: number): boolean => server > sent + aheadMs - HEADER_MS && server <= received + aheadMs
    if (!mayBe(offset)) move(mayBe(0) ? 0 : server + HEADER_MS / 2 - (sent + received) / 2)
  },
}
