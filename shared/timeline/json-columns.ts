// Columns as JSON, written as bytes: arrays and texts of a million values would be made only to be written, and making room for them
// took longer than writing.
import { textOf } from './fields.ts'

const ZERO = 0x30
const MINUS = 0x2d
const COMMA = 0x2c
const QUOTE = 0x22
const BACKSLASH = 0x5c
const SPACE = 0x20
/** Longer numbers are written by way of a text. */
const SHORT = 1e9
/** Bytes the longest number takes, with what stands between. */
const NUMBER_MAX = 24

/** Texts as JSON, each with what stands before the next. Each has the number of its turn, from 0 on. */
export class JsonTexts {
  #bytes = Buffer.allocUnsafe(1 << 14)
  #ends = new Uint32Array(1_024)
  #length = 0

  /** Takes a stretch of bytes, which are text in UTF-8. */
  take(bytes: Uint8Array, from: number, to: number): void {
    let at = this.#begin(to - from)
    const own = this.#bytes
    own[at++] = QUOTE
    for (let read = from; read < to; read++) {
      const byte = bytes[read] as number
      if (byte < SPACE || byte === QUOTE || byte === BACKSLASH) return this.add(textOf(bytes, from, to))
      own[at++] = byte
    }
    own[at++] = QUOTE
    own[at++] = COMMA
    this.#ends[this.#length++] = at
  }

  add(text: string): void {
    const json = `${JSON.stringify(text)},`
    const at = this.#begin(Buffer.byteLength(json))
    this.#ends[this.#length++] = at + this.#bytes.write(json, at)
  }

  /** Bytes of all. */
  get size(): number {
    return this.#length === 0 ? 0 : (this.#ends[this.#length - 1] as number)
  }

  /** Copies one into bytes from `at` on. Answers where it is over there. */
  copy(which: number, bytes: Uint8Array, at: number): number {
    const to = this.#ends[which] as number
    for (let from = which === 0 ? 0 : (this.#ends[which - 1] as number); from < to; from++)
      bytes[at++] = this.#bytes[from] as number
    return at
  }

  /** Makes room for a text of so many bytes. Answers where it begins. */
  #begin(length: number): number {
    const at = this.size
    if (at + length + 3 > this.#bytes.length) {
      const wider = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, at + length + 3))
      wider.set(this.#bytes.subarray(0, at))
      this.#bytes = wider
    }
    if (this.#length === this.#ends.length) {
      const wider = new Uint32Array(this.#ends.length * 2)
      wider.set(this.#ends)
      this.#ends = wider
    }
    return at
  }
}

/** Writes an object: what it begins with, then one column after the other. */
export class JsonColumns {
  #bytes: Buffer
  #at = 0

  /** `room` is about how many bytes there will be. */
  constructor(head: object, room: number) {
    this.#bytes = Buffer.allocUnsafe(room + NUMBER_MAX)
    this.#write(JSON.stringify(head).slice(0, -1))
  }

  /** A column of whole numbers: of each place the one that `order` says. With a `base` each is told by how much more it is than the
   *  one before, and the first by how much more than that. */
  numbers(name: string, column: ArrayLike<number>, order: Uint32Array, base?: number): this {
    this.#write(`,"${name}":[`)
    let previous = base ?? 0
    for (let place = 0; place < order.length; place++) {
      const value = column[order[place] as number] as number
      this.#number(value - previous)
      if (base !== undefined) previous = value
    }
    return this.#close(order)
  }

  texts(name: string, texts: JsonTexts, order: Uint32Array): this {
    this.#write(`,"${name}":[`)
    this.#reserve(texts.size)
    for (let place = 0; place < order.length; place++)
      this.#at = texts.copy(order[place] as number, this.#bytes, this.#at)
    return this.#close(order)
  }

  end(): Buffer {
    this.#write('}')
    return this.#bytes.subarray(0, this.#at)
  }

  /** What stands behind the last one becomes what ends the column. */
  #close(order: Uint32Array): this {
    if (order.length > 0) this.#at--
    this.#write(']')
    return this
  }

  #number(value: number): void {
    if (this.#at + NUMBER_MAX > this.#bytes.length) this.#reserve(NUMBER_MAX)
    if (value >= SHORT || value <= -SHORT) return this.#write(`${value},`)
    const bytes = this.#bytes
    let at = this.#at
    if (value < 0) bytes[at++] = MINUS
    let left = Math.abs(value) | 0
    let end = at + digitsOf(left)
    this.#at = end + 1
    bytes[end] = COMMA
    do {
      const tenth = (left / 10) | 0
      bytes[--end] = ZERO + left - tenth * 10
      left = tenth
    } while (left > 0)
  }

  #write(text: string): void {
    this.#reserve(Buffer.byteLength(text))
    this.#at += this.#bytes.write(text, this.#at)
  }

  #reserve(length: number): void {
    if (this.#at + length + NUMBER_MAX <= this.#bytes.length) return
    const wider = Buffer.allocUnsafe(Math.max(this.#bytes.length * 1.5, this.#at + length + NUMBER_MAX) | 0)
    wider.set(this.#bytes.subarray(0, this.#at))
    this.#bytes = wider
  }
}

const digitsOf = (value: number): number => {
  let digits = 1
  for (let bound = 10; value >= bound; bound *= 10) digits++
  return digits
}
