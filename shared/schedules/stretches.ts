// Times that were found, kept for whoever asks next: finding one takes a calendar up to some milliseconds, and lists, boards
// and ticks ask for the same ones again and again.

/** A stretch of times: all that come after `after`, as far as they were asked for. */
interface Stretch {
  after: number
  times: number[]
  /** Where the next ones come from; undefined when there are no more. */
  source: Iterator<number, void> | undefined
}

export interface Stretches {
  /** The times of `key` strictly after a moment, ascending. `begin` finds them; what it finds must not depend on where it begins. */
  timesAfter(key: string, after: number, begin: (after: number) => Iterator<number, void>): Generator<number, void>
}

/** Triggers that are remembered, and times of each. */
const STRETCHES_MAX = 2_000
const TIMES_MAX = 64

export const createStretches = (): Stretches => {
  const known = new Map<string, Stretch>()
  const keep = (key: string, stretch: Stretch): Stretch => {
    // The one that was asked for longest ago leaves first.
    known.delete(key)
    if (known.size >= STRETCHES_MAX) known.delete(known.keys().next().value ?? '')
    known.set(key, stretch)
    return stretch
  }
  const stretchFor = (key: string, after: number, begin: (after: number) => Iterator<number, void>): Stretch => {
    const stretch = known.get(key)
    return keep(key, stretch && reaches(stretch, after) ? stretch : { after, times: [], source: begin(after) })
  }
  return {
    *timesAfter(key, after, begin) {
      for (let at = after; ;) {
        const next = nextAfter(stretchFor(key, at, begin), at)
        if (next === undefined) return
        yield next
        at = next
      }
    },
  }
}

/** Whether what comes after a moment is known, or comes next from its source. */
const reaches = ({ after, times, source }: Stretch, moment: number): boolean =>
  moment >= after && (source === undefined || moment <= (times.at(-1) ?? after))

const nextAfter = (stretch: Stretch, moment: number): number | undefined => {
  const kept = stretch.times.find((at) => at > moment)
  if (kept !== undefined || stretch.source === undefined) return kept
  const next = stretch.source.next()
  if (next.done === true) {
    stretch.source = undefined
    return undefined
  }
  if (stretch.times.length >= TIMES_MAX) Object.assign(stretch, { after: stretch.times.at(-1), times: [] })
  stretch.times.push(next.value)
  return next.value
}
