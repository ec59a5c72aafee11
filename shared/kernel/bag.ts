// Things that come and go by the thousand a second, kept without making work for the collector of garbage.

/** Holds things in no order. A `Set` makes itself a new table after few deletions, and its old tables, once they are in the
 *  space for old objects, keep alive what they held: everything an attempt is made of then moves there too, and costs a
 *  worker a tenth of its CPU. This holds one array that only grows, and lets go of a thing the moment it is taken out. */
export interface Bag<T> extends Iterable<T> {
  /** Goes through what was in it at the beginning, but for what is taken out meanwhile. */
  [Symbol.iterator](): Iterator<T>
  readonly size: number
  /** Puts a thing in and answers what takes it out again; the second time that does nothing. */
  add(thing: T): () => void
}

interface Place<T> {
  thing: T
  index: number
}

export const createBag = <T>(): Bag<T> => {
  const places: (Place<T> | undefined)[] = []
  let size = 0

  const takeOut = (place: Place<T>): void => {
    if (places[place.index] !== place) return
    const last = places[--size]
    if (last) last.index = place.index
    places[place.index] = last
    places[size] = undefined
  }
  return {
    get size() {
      return size
    },
    add(thing) {
      const place = { thing, index: size }
      places[size++] = place
      return () => takeOut(place)
    },
    *[Symbol.iterator]() {
      for (const place of places.slice(0, size)) if (place && places[place.index] === place) yield place.thing
    },
  }
}
