// A fair lock for one process: many share it, one may have it alone, and nobody overtakes who came first. Who waits for others that do not
// end may lose patience: it then has it beside those, and alone but for them.

export interface Solitude {
  /** Enters beside the others at once, or not at all when somebody is alone or waits. */
  enter(): Release | undefined
  /** Enters beside the others when it is its turn. */
  share(signal: AbortSignal): Promise<Release>
  /** Resolves when everybody else has left; nobody enters until it is released. `patience` is called once it is its turn but for
   *  others who have not left: when what it answers resolves, they are not waited for any longer. */
  alone(signal: AbortSignal, patience?: () => Promise<unknown>): Promise<Solitary>
}

export interface Solitary {
  readonly release: Release
  /** Nobody is beside it. */
  readonly isAlone: boolean
}

export type Release = () => undefined

interface Waiter {
  readonly alone: boolean
  isImpatient: boolean
  patience: (() => Promise<unknown>) | undefined
  enter(): void
}

export const createSolitude = (): Solitude => {
  const queue: Waiter[] = []
  let sharing = 0
  let taken = false

  const admits = ({ alone, isImpatient }: Waiter): boolean => !taken && (!alone || sharing === 0 || isImpatient)
  const leaveShared = once(() => {
    sharing--
    next()
  })
  const leaveAlone = once(() => {
    taken = false
    next()
  })
  const share = (): Release => {
    sharing++
    return leaveShared()
  }
  const take = (): Solitary => {
    taken = true
    return { release: leaveAlone(), isAlone: sharing === 0 }
  }
  const next = (): void => {
    for (let first = queue[0]; first !== undefined && admits(first); first = queue[0]) {
      queue.shift()
      first.enter()
    }
    const [first] = queue
    if (first && !taken) loseTime(first)
  }
  const loseTime = (waiter: Waiter): void => {
    const { patience } = waiter
    waiter.patience = undefined
    void patience?.().then(() => {
      waiter.isImpatient = true
      next()
    })
  }
  const wait = <Entered>(
    alone: boolean,
    enter: () => Entered,
    signal: AbortSignal,
    patience?: () => Promise<unknown>,
  ): Promise<Entered> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error)
      const waiter: Waiter = { alone, isImpatient: false, patience, enter: () => resolve(enter()) }
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
      return taken || queue.length > 0 ? undefined : share()
    },
    share: (signal) => wait(false, share, signal),
    alone: (signal, patience) => wait(true, take, signal, patience),
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
