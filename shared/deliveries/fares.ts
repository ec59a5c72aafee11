// Counts how attempts at endpoints end: at once where that says something new, else a little later and together.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { numberOf, standingOf, widthOf } from './figures.ts'
import type { Fared } from './figures.ts'
import { BEHIND, HOUR_MS, deliveryKeys } from './keys.ts'

export interface Fares {
  /** Counts an attempt of so many ms (undefined where none was made) now, and answers how its endpoint fares after that. `began` is
   *  when it did. */
  tell(webhookId: string, isGood: boolean, ms: number | undefined, began: number): Promise<Fared>
  /** Counts one that arrived where the last ones did too, within `LATER_MS`: a process that dies meanwhile leaves it uncounted. Answers
   *  the first of those that are counted together how the endpoint fares then. */
  note(webhookId: string, ms: number, began: number): Promise<Fared> | undefined
  /** Resolves when everything that was noted is counted. */
  settle(): Promise<void>
}

/** What is counted of one endpoint together. */
interface Tally {
  /** When the latest that arrived began. */
  arrived: number | undefined
  /** Failed since the last that arrived. */
  bad: number
  /** How many took less than 2^n ms, by n; names of those that failed begin with a minus. */
  readonly widths: Map<string, number>
}

const LATER_MS = 100

const faredScript = script(new URL('./fared.lua', import.meta.url))

export const createFares = (kernel: Kernel): Fares => {
  const { redis, clock } = kernel
  const { prefix, looks } = deliveryKeys(kernel)
  let tallies = new Map<string, Tally>()
  let counted: Promise<ReadonlyMap<string, Fared>> | undefined
  let isUrgent = false
  let go: () => void = () => undefined

  const count = async (): Promise<ReadonlyMap<string, Fared>> => {
    const now = clock.now()
    const args: (string | number)[] = [now, Math.floor(now / HOUR_MS), BEHIND]
    for (const [id, { arrived = '', bad, widths }] of tallies)
      args.push(id, arrived, bad, widths.size, ...[...widths].flat())
    const ids = [...tallies.keys()]
    tallies = new Map()
    counted = undefined
    isUrgent = false
    const states = (await faredScript(redis, [prefix, looks], args)) as State[]
    return new Map(ids.map((id, n) => [id, faredOf(states[n])]))
  }
  const later = (): Promise<ReadonlyMap<string, Fared>> => {
    const { promise, resolve } = Promise.withResolvers<undefined>()
    go = () => resolve(undefined)
    void clock.sleep(LATER_MS).then(go)
    return promise.then(count)
  }
  const soon = (): void => {
    if (isUrgent) return
    isUrgent = true
    setImmediate(go)
  }
  /** Puts an attempt to those of its endpoint. Answers whether it is the first of them. */
  const add = (id: string, isGood: boolean, ms: number | undefined, began: number): boolean => {
    const known = tallies.get(id)
    const tally = known ?? { arrived: undefined, bad: 0, widths: new Map<string, number>() }
    if (known === undefined) tallies.set(id, tally)
    if (isGood) [tally.arrived, tally.bad] = [Math.max(tally.arrived ?? 0, began), 0]
    else tally.bad++
    const width = (isGood ? '' : '-') + (ms === undefined ? '' : String(widthOf(ms)))
    tally.widths.set(width, (tally.widths.get(width) ?? 0) + 1)
    return known === undefined
  }
  const whenCounted = (id: string): Promise<Fared> => {
    counted ??= later()
    return counted.then((all) => all.get(id) ?? faredOf(undefined))
  }
  return {
    tell(id, isGood, ms, began) {
      add(id, isGood, ms, began)
      const fared = whenCounted(id)
      soon()
      return fared
    },
    note: (id, ms, began) => (add(id, true, ms, began) ? whenCounted(id) : undefined),
    async settle() {
      if (counted === undefined) return
      soon()
      await counted
    },
  }
}

/** As the script answers: failures in a row, failing since, last success, how many are in line, until when it rests. */
type State = [failures: string, since: string, ok: string, lined: number, rest: string]

const faredOf = ([failures, since, ok, lined, rest]: State = ['0', '', '', 0, '']): Fared => ({
  ...standingOf(failures, since, ok),
  lined,
  restsUntil: numberOf(rest),
})
