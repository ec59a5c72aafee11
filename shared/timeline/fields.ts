// Reads packed spans field by field, out of the bytes that Redis answers: a window can hold 200,000 of them, and to make a text of
// each field was most of what they cost.

const GAP = 0x1f
const END = 0x1e
const ZERO = 0x30
const NINE = 0x39
const MINUS = 0x2d

/** The fields of one record after the other, of bytes in which `0x1f` stands between fields and `0x1e` between records. */
export class Fields {
  readonly bytes: Uint8Array
  /** Where the field that was passed last begins, and where it is over. */
  from = 0
  to = 0
  #at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Goes past the next field of this record, which is empty when it has no more. */
  pass(): void {
    const { bytes } = this
    let to = this.#at
    for (; to < bytes.length; to++) {
      const byte = bytes[to]
      if (byte === GAP || byte === END) break
    }
    this.from = this.#at
    this.to = to
    this.#at = bytes[to] === GAP ? to + 1 : to
  }

  /** The next field as a text. */
  text(): string {
    this.pass()
    return textOf(this.bytes, this.from, this.to)
  }

  /** The next field as a number; `otherwise` when the record has no more. */
  number(otherwise: number): number {
    const { bytes } = this
    if (this.#isOver()) return otherwise
    const from = this.#at
    const isNegative = bytes[from] === MINUS
    let to = isNegative ? from + 1 : from
    let value = 0
    let byte = bytes[to]
    for (; byte !== undefined && byte >= ZERO && byte <= NINE; byte = bytes[++to]) value = value * 10 + byte - ZERO
    // Whole numbers are all that is written; whatever else is there is read as JavaScript reads it.
    if (byte !== undefined && byte !== GAP && byte !== END) return Number(this.text())
    this.#at = byte === GAP ? to + 1 : to
    return isNegative ? -value : value
  }

  /** Goes to the next record, past what is left of this one. Says whether there is one. */
  next(): boolean {
    const end = this.bytes.indexOf(END, this.#at)
    this.#at = end + 1
    return end >= 0
  }

  #isOver(): boolean {
    return this.#at >= this.bytes.length || this.bytes[this.#at] === END
  }
}

/** A stretch of bytes as a text. */
export const textOf = (bytes: Uint8Array, from: number, to: number): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString()
