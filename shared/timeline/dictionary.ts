// Texts by number, found again by their bytes: of 100,000 spans a few names are told 100,000 times.
import { textOf } from './fields.ts'

/** Gives each text its index, in order of appearance. */
export class Dictionary {
  readonly #indices = new Map<string, number>()
  readonly #byHash = new Map<number, { bytes: Uint8Array; index: number }>()

  index(text: string): number {
    const known = this.#indices.get(text)
    if (known !== undefined) return known
    this.#indices.set(text, this.#indices.size)
    return this.#indices.size - 1
  }

  /** The same of a stretch of bytes, without making a text of one that is known. */
  indexOf(bytes: Uint8Array, from: number, to: number): number {
    const hash = hashOf(bytes, from, to)
    const known = this.#byHash.get(hash)
    if (known && isAt(bytes, from, to, known.bytes)) return known.index
    const index = this.index(textOf(bytes, from, to))
    // A copy: a part of what Redis answered would keep all of that.
    this.#byHash.set(hash, { bytes: new Uint8Array(bytes.subarray(from, to)), index })
    return index
  }

  texts(): string[] {
    return [...this.#indices.keys()]
  }
}

/** FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
export const hashOf = (bytes: Uint8Array, from: number, to: number): number => {
  let hash = 0x811c9dc5
  for (let at = from; at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193)
  return hash
}

const isAt = (bytes: Uint8Array, from: number, to: number, word: Uint8Array): boolean => {
  if (word.length !== to - from) return false
  for (let at = 0; at < word.length; at++) if (word[at] !== bytes[from + at]) return false
  return true
}
