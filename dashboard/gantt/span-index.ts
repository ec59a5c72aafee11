// Finds a run's slot by queue, job and attempt: a hash table of slot numbers, so that no key string is ever kept.

import { grown } from './columns.ts'

/** The columns that make a run's key. */
export interface KeyColumns {
  readonly queue: ArrayLike<number>
  readonly ids: readonly string[]
  readonly attempt: ArrayLike<number>
}

const hash = (queue: number, id: string, attempt: number): number => {
  let value = 2166136261 ^ queue
  for (let at = 0; at < id.length; at++) value = Math.imul(value ^ id.charCodeAt(at), 16777619)
  value = Math.imul(value ^ attempt, 16777619)
  return (value ^ (value >>> 15)) >>> 0
}

export class SpanIndex {
  #table = new Int32Array(1024)
  /** The hash of each slot's key, so that a growing table need not read the keys again. */
  #hashes = new Uint32Array(1024)
  #used = 0
  readonly #keys: KeyColumns

  constructor(keys: KeyColumns) {
    this.#keys = keys
  }

  /** The slot of a run, or -1. */
  find(queue: number, id: string, attempt: number): number {
    return (this.#table[this.#place(hash(queue, id, attempt), queue, id, attempt)] as number) - 1
  }

  /** The slot of a run, or, when it is new, `slot`, which it then owns; its key columns must be filled next. New slots follow
   *  one another from 0 on. */
  claim(queue: number, id: string, attempt: number, slot: number): number {
    const code = hash(queue, id, attempt)
    const place = this.#place(code, queue, id, attempt)
    const known = (this.#table[place] as number) - 1
    if (known >= 0) return known
    this.#own(slot, code, place)
    return slot
  }

  /** Makes room for so many more, so that a table that fills up is not made anew at each doubling. */
  reserve(more: number): void {
    let room = this.#table.length
    while ((this.#used + more) * 2 > room) room *= 2
    if (room > this.#table.length) this.#widen(room)
    const slots = this.#used + more
    if (slots > this.#hashes.length) this.#hashes = grown(this.#hashes, slots)
  }

  /** Forgets everything and takes in slots 0 … length-1. */
  rebuild(length: number): void {
    const { queue, ids, attempt } = this.#keys
    this.#table.fill(0)
    this.#used = 0
    for (let slot = 0; slot < length; slot++) {
      const code = hash(queue[slot] ?? 0, ids[slot] ?? '', attempt[slot] ?? 0)
      this.#own(slot, code, this.#free(code))
    }
  }

  #own(slot: number, code: number, place: number): void {
    if (slot >= this.#hashes.length) this.#hashes = grown(this.#hashes, slot * 2)
    this.#hashes[slot] = code
    this.#table[place] = slot + 1
    if (++this.#used * 2 > this.#table.length) this.#widen(this.#table.length * 2)
  }

  /** Makes the table so large, by the hashes alone. */
  #widen(room: number): void {
    this.#table = new Int32Array(room)
    for (let slot = 0; slot < this.#used; slot++) this.#table[this.#free(this.#hashes[slot] as number)] = slot + 1
  }

  #free(code: number): number {
    const mask = this.#table.length - 1
    let place = code & mask
    while (this.#table[place] !== 0) place = (place + 1) & mask
    return place
  }

  /** Where the key is, or the free place where it belongs. */
  #place(code: number, queue: number, id: string, attempt: number): number {
    const mask = this.#table.length - 1
    let place = code & mask
    for (;;) {
      const slot = (this.#table[place] as number) - 1
      if (slot < 0 || (this.#hashes[slot] === code && this.#isAt(slot, queue, id, attempt))) return place
      place = (place + 1) & mask
    }
  }

  #isAt(slot: number, queue: number, id: string, attempt: number): boolean {
    const keys = this.#keys
    return keys.queue[slot] === queue && keys.attempt[slot] === attempt && keys.ids[slot] === id
  }
}
