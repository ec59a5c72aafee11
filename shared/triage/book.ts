// The recorder's own copy of all parts: what it counts into, and which facet numbers of each queue are taken.
import type { Kernel } from '../kernel/kernel.ts'
import type { Death } from './death.ts'
import { partsKey } from './keys.ts'
import { REST_ID, newPart, openOf, unpackPart } from './part.ts'
import type { Facet, Part } from './part.ts'
import { NO_DEATH, REST } from './place.ts'

/** Parts kept in all. One without entries makes room for a new one; where none does, deaths are counted as the rest. */
export const PARTS_MAX = 2_000

/** A facet and the part it is of. */
export interface Filed {
  part: Part
  facet: Facet
}

/** The parts of one queue. */
interface Shelf {
  readonly parts: Map<string, Part>
  readonly byNumber: Map<number, Filed>
  /** Where the search for a free number goes on: a number is used again as late as can be. */
  next: number
}

export interface Book {
  /** The part of a death, made where there was none, and the part that had to make room for it. */
  partFor(queue: string, death: Death, id: string, at: number): { part: Part; isNew: boolean; dropped?: Part }
  /** Where an entry of such a death belongs: a facet of the part, or the rest when no number is free. */
  facetFor(part: Part, death: Death): Filed
  /** Whose entries have this number. */
  byNumber(queue: string, no: number): Filed | undefined
  /** Says that an entry has gone; a facet without entries gives its number back. */
  gone(filed: Filed): void
  /** Sets how many entries a facet has. */
  recount(filed: Filed, open: number): void
  /** Forgets all entries of a queue, not what was counted. */
  empty(queue: string): void
  /** Parts of a queue, or all. */
  parts(queue?: string): Part[]
}

/** Reads the book as it was last applied. */
export const openBook = async (kernel: Kernel): Promise<Book> => {
  const stored = await kernel.redis.hgetall(partsKey(kernel))
  return createBook(Object.entries(stored).map(([field, text]) => unpackPart(field, text)))
}

export const createBook = (known: readonly Part[], partsMax = PARTS_MAX): Book => {
  const shelves = new Map<string, Shelf>()
  let count = 0
  const shelfOf = (queue: string): Shelf => {
    const shelf = shelves.get(queue) ?? { parts: new Map<string, Part>(), byNumber: new Map<number, Filed>(), next: 1 }
    shelves.set(queue, shelf)
    return shelf
  }
  const keep = (part: Part): Part => {
    const shelf = shelfOf(part.queue)
    shelf.parts.set(part.fingerprint, part)
    count++
    for (const facet of part.facets) shelf.byNumber.set(facet.no, { part, facet })
    return part
  }
  const all = (): Part[] => [...shelves.values()].flatMap(({ parts }) => [...parts.values()])
  const restOf = (queue: string, id: string, at: number): Part =>
    shelfOf(queue).parts.get(REST_ID) ?? keep(newPart(queue, theRest, id, at))
  const makeRoom = (): Part | undefined => {
    if (count < partsMax) return undefined
    const spare = spareOf(all())
    if (spare && shelfOf(spare.queue).parts.delete(spare.fingerprint)) count--
    return spare
  }
  const file = (part: Part, no: number, facet: Omit<Facet, 'no' | 'open'>): Filed => {
    const filed = { part, facet: { no, ...facet, open: 0 } }
    part.facets.push(filed.facet)
    shelfOf(part.queue).byNumber.set(no, filed)
    return filed
  }
  const remove = ({ part, facet }: Filed): void => {
    part.facets = part.facets.filter((other) => other !== facet)
    shelfOf(part.queue).byNumber.delete(facet.no)
  }
  known.forEach(keep)
  return {
    partFor(queue, death, id, at) {
      const part = shelfOf(queue).parts.get(death.fingerprint)
      if (part) return { part, isNew: false }
      const dropped = makeRoom()
      if (count >= partsMax) return { part: restOf(queue, id, at), isNew: false }
      return { part: keep(newPart(queue, death, id, at)), isNew: true, ...(dropped ? { dropped } : {}) }
    },
    facetFor(part, death) {
      const { errorClass, reason, version } = part.fingerprint === REST_ID ? theRest : death
      const known = part.facets.find(
        (one) => one.errorClass === errorClass && one.reason === reason && one.version === version,
      )
      if (known) return { part, facet: known }
      const no = part.fingerprint === REST_ID ? REST : freeNumber(shelfOf(part.queue))
      if (no !== undefined) return file(part, no, { errorClass, reason, version })
      const rest = restOf(part.queue, part.sample.id, part.sample.at)
      return shelfOf(part.queue).byNumber.get(REST) ?? file(rest, REST, theRest)
    },
    byNumber: (queue, no) => shelfOf(queue).byNumber.get(no),
    gone(filed) {
      filed.facet.open--
      if (filed.facet.open <= 0) remove(filed)
    },
    recount(filed, open) {
      filed.facet.open = open
      if (open === 0) remove(filed)
      filed.part.total = Math.max(filed.part.total, openOf(filed.part))
    },
    empty(queue) {
      const shelf = shelfOf(queue)
      for (const part of shelf.parts.values()) part.facets = []
      shelf.byNumber.clear()
    },
    parts: (queue) => (queue === undefined ? all() : [...shelfOf(queue).parts.values()]),
  }
}

const theRest: Death = {
  fingerprint: REST_ID,
  title: 'Everything else: there are more different errors than are told apart',
  name: '',
  errorName: '',
  errorClass: 'unknown',
  reason: 'unknown',
  version: null,
}

/** The part that nobody has died of for the longest time, of those without entries. */
const spareOf = (parts: readonly Part[]): Part | undefined =>
  parts
    .filter(({ facets, fingerprint }) => facets.length === 0 && fingerprint !== REST_ID)
    .reduce<Part | undefined>((oldest, part) => (oldest && oldest.last <= part.last ? oldest : part), undefined)

const freeNumber = (shelf: Shelf): number | undefined => {
  for (let tried = NO_DEATH + 1; tried < REST; tried++) {
    const no = shelf.next > NO_DEATH && shelf.next < REST ? shelf.next : NO_DEATH + 1
    shelf.next = no + 1
    if (!shelf.byNumber.has(no)) return no
  }
  return undefined
}
