// A fair lock for one process: many share it, one may have it alone, and nobody overtakes who came first.

export interface Solitude {
  /** Enters beside the others at once, or not at all when somebody is alone or waits. */
  enter(): Release | undefined
  /** Enters beside the others when it is its turn. */
  share(signal: AbortSignal): Promise<Release>
  /** Resolves when everybody else has left; nobody enters until it is released. */
  alone(signal: AbortSignal): Promise<Release>
}

export type Release = () => undefined

interface Waiter {
  alone: boolean
  enter(release: Release): void
}

export const createSolitude = (): Solitude => {
  const queue: Waiter[] = []
  let sharing = 0
  let taken = false

  const admits = (waiter: Waiter): boolean => (waiter.alone ? sharing === 0 && !taken : !taken)
  const leaveShared = once(() => {
    sharing--
    next()
  })
  const leaveAlone = once(() => {
    taken = false
    next()
  })
  const enter = (waiter: Waiter): void => {
    if (waiter.alone) taken = true
    else sharing++
    waiter.enter(waiter.alone ? leaveAlone() : leaveShared())
  }
  const next = (): void => {
    for (let first = queue[0]; first !== undefined && admits(first); first = queue[0]) {
      queue.shift()
      enter(first)
    }
  }
  const wait = (alone: boolean, signal: AbortSignal): Promise<Release> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const waiter: Waiter = { alone, enter: resolve }
      signal.addEventListener('abort', () => forget(waiter, () => reject(signal.reason as Error)), { once: true })
      queue.push(waiter)
      next()
    })
  const forget = (waiter: Waiter, then: () => void): void => {
    const place = queue.indexOf(waiter)
    if (place < 0) return
    queue.splice(place, 1)
    then()
    next()
  }
  return {
    enter() {
      if (taken || queue.length > 0) return undefined
      sharing++
      return leaveShared()
    },
    share: (signal) => wait(false, signal),
    alone: (signal) => wait(true, signal),
  }
}

/** Makes releases that count only once each. */
const once = (leave: () => void) => (): Release => {
  let left = false
  return () => {
    if (left) return undefined
    left = true
    leave()
    return undefined
  }
}
