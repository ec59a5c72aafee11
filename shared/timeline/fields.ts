// Reads packed spans field by field: a window can hold 200,000 of them, and taking their text apart was most of what they cost.

const GAP = 0x1f
const END = 0x1e
const ZERO = 0x30
const NINE = 0x39
const MINUS = 0x2d

/** The fields of one record after the other, of a text in which `\u001f` stands between fields and `\u001e` between records. */
export class Fields {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The next field of this record, empty when it has no more. */
  text(): string {
    const from = this.#at
    const to = this.#end()
    this.#pass(to)
    return this.#text.slice(from, to)
  }

  /** The next field as a number; `otherwise` when the record has no more. */
  number(otherwise: number): number {
    if (this.#isOver()) return otherwise
    const from = this.#at
    const isNegative = this.#text.charCodeAt(from) === MINUS
    let to = isNegative ? from + 1 : from
    let value = 0
    let code = this.#text.charCodeAt(to)
    for (; code >= ZERO && code <= NINE; code = this.#text.charCodeAt(++to)) value = value * 10 + code - ZERO
    // Whole numbers are all that is written; whatever else is there is read as JavaScript reads it.
    if (to < this.#text.length && code !== GAP && code !== END) return Number(this.text())
    this.#pass(to)
    return isNegative ? -value : value
  }

  /** Goes to the next record, past what is left of this one. Says whether there is one. */
  next(): boolean {
    const end = this.#text.indexOf('\u001e', this.#at)
    this.#at = end + 1
    return end >= 0
  }

  /** Behind a field is the next one, or the end of the record, which stays to be seen. */
  #pass(to: number): void {
    this.#at = this.#text.charCodeAt(to) === GAP ? to + 1 : to
  }

  #isOver(): boolean {
    return this.#at >= this.#text.length || this.#text.charCodeAt(this.#at) === END
  }

  #end(): number {
    let to = this.#at
    for (; to < this.#text.length; to++) {
      const code = this.#text.charCodeAt(to)
      if (code === GAP || code === END) break
    }
    return to
  }
}
