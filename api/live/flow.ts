// How far the other side is behind, by what it says it has dealt with: bytes that wait in buffers on the way are seen by nobody else.

/** Bytes on their way at once, at the most: at 50 kB a second they arrive within 0.7 s. */
export const WINDOW_BYTES = 32_768
/** What has been on its way for so long says that the other side is behind. */
export const LATE_MS = 300
/** What has been for so long will not be dealt with: tabs that nobody looks at tell what they have once a minute. */
export const LOST_MS = 150_000
/** Who hears of a frame later than this is far away or busy: many small frames would cost it more than fewer that say the same. */
const FAR_MS = 150
/** What gathers for it leaves after this time at the latest. */
const GATHER_MAX_MS = 100
/** Frames that are told apart; of more, the newest count as one. */
const APART_MAX = 1_000

export interface Flow {
  /** A frame of so many bytes left. */
  sent(bytes: number, now: number): void
  /** The other side has dealt with so many frames since it came. From its first word on what it has not is counted. */
  acknowledged(frames: number, now: number): void
  /** How long news should gather for the other side, in ms, by how long the newest frame it has dealt with took. */
  readonly gatherMs: number
  isBehind(now: number): boolean
  /** It says nothing of what it was sent long ago, and would be told nothing more. */
  isLost(now: number): boolean
}

export const createFlow = (): Flow => {
  let frames = 0
  let bytes = 0
  let isCounted = false
  let wayMs = 0
  /** The frames that are on their way, the oldest first. */
  const onWay: { frame: number; bytes: number; at: number }[] = []
  return {
    sent(size, at) {
      frames++
      if (!isCounted) return
      bytes += size
      const last = onWay.length < APART_MAX ? undefined : onWay.at(-1)
      if (last === undefined) onWay.push({ frame: frames, bytes: size, at })
      else {
        last.frame = frames
        last.bytes += size
      }
    },
    acknowledged(upTo, now) {
      isCounted = true
      const left = onWay.findIndex(({ frame }) => frame > upTo)
      for (const gone of onWay.splice(0, left < 0 ? onWay.length : left)) {
        bytes -= gone.bytes
        wayMs = now - gone.at
      }
    },
    get gatherMs() {
      return wayMs > FAR_MS ? Math.min(wayMs / 2, GATHER_MAX_MS) : 0
    },
    isLost: (now) => now - (onWay[0]?.at ?? now) > LOST_MS,
    isBehind: (now) => bytes > WINDOW_BYTES || now - (onWay[0]?.at ?? now) > LATE_MS,
  }
}
