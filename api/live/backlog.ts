// Facts that wait until the other side has caught up: a little of each subscription, and what grows too old or too much is left out.

/** Characters of one subscription that wait at the most. */
const KEPT_CHARS = 32_768
const KEPT_MS = 1_000

interface Waiting {
  items: string[]
  chars: number
  since: number
  isLeftOut: boolean
}

export interface Backlog {
  readonly isEmpty: boolean
  add(sub: number, items: string, now: number): void
  /** Whether something of this subscription was left out since the last release. */
  hasLeftOut(sub: number): boolean
  /** What this subscription waited with is of no use any more. */
  forget(sub: number): void
  /** Ends the wait: what is still worth telling, and the subscriptions of which something was left out. */
  release(now: number): { items: string[]; leftOut: number[] }
}

export const createBacklog = (): Backlog => {
  let waiting = new Map<number, Waiting>()
  const begin = (sub: number, since: number): Waiting => {
    const begun = { items: [], chars: 0, since, isLeftOut: false }
    waiting.set(sub, begun)
    return begun
  }
  return {
    get isEmpty() {
      return waiting.size === 0
    },
    add(sub, items, now) {
      const one = waiting.get(sub) ?? begin(sub, now)
      one.chars += items.length
      one.isLeftOut ||= one.chars > KEPT_CHARS
      if (one.isLeftOut) one.items = []
      else one.items.push(items)
    },
    hasLeftOut: (sub) => waiting.get(sub)?.isLeftOut ?? false,
    forget: (sub) => void waiting.delete(sub),
    release(now) {
      const all = [...waiting]
      waiting = new Map()
      const isLost = ({ since, isLeftOut }: Waiting): boolean => isLeftOut || now - since > KEPT_MS
      return {
        items: all.flatMap(([, one]) => (isLost(one) ? [] : one.items)),
        leftOut: all.filter(([, one]) => isLost(one)).map(([sub]) => sub),
      }
    },
  }
}
