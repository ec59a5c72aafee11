// Finds where records begin and end in a stream of bytes, in constant memory and without parsing them.

/** `array`: one JSON array of records. `ndjson`: one JSON record per line. */
export type Format = 'array' | 'ndjson'

export type Sink = {
  /** One record lies in the bytes `[start, end)` and begins on `line` (counted from 1). */
  record(start: number, end: number, line: number): void
  /** An array opens, the first or a later one: concatenated exports are read as one history. */
  opened(): void
}

export type Ending = {
  /** The bytes ended inside the last record, or right behind it with nothing to say that it was over. */
  cut: boolean
  /** The bytes ended inside an array. */
  open: boolean
}

/** Reads blocks in order; `finish` reports the record that was under way, if any, as a record of its own. */
export type Splitter = { push(block: Uint8Array): void; finish(): Ending }

/** Where reading starts: absolute offset and line. `open` says that it starts inside an array. */
export type Start = { offset: number; line: number; open: boolean }

export const splitter = (format: Format, start: Start, sink: Sink): Splitter =>
  format === 'array' ? new ArraySplitter(start, sink) : new LineSplitter(start, sink)

const QUOTE = 0x22
const BACKSLASH = 0x5c
const NEWLINE = 0x0a
const COMMA = 0x2c
const COLON = 0x3a
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d

const isSpace = (byte: number) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d)

/** The bytes of a byte-order mark, which concatenated files carry in the middle. */
const isMark = (byte: number) => byte === 0xef || byte === 0xbb || byte === 0xbf

/** For each byte, whether a state may run over it without a look: most bytes of a history are such. */
const quietExcept = (...stops: number[]) => Uint8Array.from({ length: 256 }, (_, byte) => Number(!stops.includes(byte)))

const quietInString = quietExcept(QUOTE, BACKSLASH, NEWLINE)
const quietInside = quietExcept(QUOTE, NEWLINE, COMMA, COLON, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET)

/** The index of the first byte from `at` on that is not quiet, or the block's length. */
const runOver = (quiet: Uint8Array, block: Uint8Array, at: number): number => {
  while (at < block.length && quiet[block[at] as number] === 1) at++
  return at
}

type State = 'idle' | 'scalar' | 'inside' | 'string'

/** A record is a value of the array. Damage stays local where the bytes allow it: a missing comma, an unclosed string or
 *  an unclosed object costs its own record and not the ones behind it. Each state is a method that runs over the bytes
 *  until the state changes and answers the index where it stopped. */
class ArraySplitter implements Splitter {
  #sink: Sink
  #base: number
  #line: number
  #open: boolean
  #state: State = 'idle'
  #depth = 0
  #escaped = false
  #previous = 0
  #opener = 0
  #recordStart = 0
  #recordLine = 0

  constructor(start: Start, sink: Sink) {
    this.#base = start.offset
    this.#line = start.line
    this.#open = start.open
    this.#sink = sink
  }

  push(block: Uint8Array) {
    let at = 0
    while (at < block.length) at = this.#run(block, at)
    this.#base += block.length
  }

  finish(): Ending {
    const cut = this.#state !== 'idle'
    if (cut) this.#end(this.#base)
    return { cut, open: this.#open }
  }

  #run(block: Uint8Array, at: number): number {
    switch (this.#state) {
      case 'idle':
        return this.#idle(block, at)
      case 'scalar':
        return this.#scalar(block, at)
      case 'inside':
        return this.#inside(block, at)
      case 'string':
        return this.#string(block, at)
    }
  }

  /** Between records. Separators and stray closing brackets are no records. */
  #idle(block: Uint8Array, from: number): number {
    for (let at = from; at < block.length; at++) {
      const byte = block[at] as number
      if (byte === NEWLINE) this.#line++
      else if (isSpace(byte) || byte === COMMA || byte === CLOSE_BRACE || isMark(byte)) continue
      else if (byte === CLOSE_BRACKET) this.#open = false
      else if (byte === OPEN_BRACKET && !this.#open) this.#openArray()
      else return this.#begin(byte, at)
    }
    return block.length
  }

  #openArray() {
    this.#open = true
    this.#sink.opened()
  }

  #begin(byte: number, at: number): number {
    this.#recordStart = this.#base + at
    this.#recordLine = this.#line
    this.#opener = byte
    this.#previous = 0
    const container = byte === OPEN_BRACE || byte === OPEN_BRACKET
    this.#depth = container ? 1 : 0
    this.#state = container ? 'inside' : byte === QUOTE ? 'string' : 'scalar'
    return at + 1
  }

  #end(end: number) {
    this.#state = 'idle'
    this.#sink.record(this.#recordStart, end, this.#recordLine)
  }

  /** A value that is no object: it ends with its line at the latest. Its delimiter is left to `#idle`. */
  #scalar(block: Uint8Array, from: number): number {
    for (let at = from; at < block.length; at++) {
      const byte = block[at] as number
      if (byte === QUOTE) {
        this.#state = 'string'
        return at + 1
      }
      if (endsScalar(byte)) return this.#endAt(at)
    }
    return block.length
  }

  #inside(block: Uint8Array, from: number): number {
    const at = runOver(quietInside, block, from)
    if (at === block.length) return at
    const byte = block[at] as number
    if (byte === NEWLINE) {
      this.#line++
      return at + 1
    }
    if (byte === OPEN_BRACE && this.#startsAnother()) return this.#endAt(at)
    this.#previous = byte
    if (byte === QUOTE) this.#state = 'string'
    else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) this.#depth++
    else if ((byte === CLOSE_BRACE || byte === CLOSE_BRACKET) && --this.#depth === 0) return this.#endAt(at + 1)
    return at + 1
  }

  #endAt(at: number): number {
    this.#end(this.#base + at)
    return at
  }

  /** In JSON an object directly inside a record's object follows a colon; anything else is the next record, and the
   *  one under way was never closed. */
  #startsAnother(): boolean {
    return this.#depth === 1 && this.#opener === OPEN_BRACE && this.#previous !== COLON
  }

  #string(block: Uint8Array, from: number): number {
    const at = this.#escaped ? from : runOver(quietInString, block, from)
    if (at === block.length) return at
    const byte = block[at] as number
    if (byte === NEWLINE) return this.#breakString(at)
    if (this.#escaped) this.#escaped = false
    else if (byte === BACKSLASH) this.#escaped = true
    else this.#leaveString()
    return at + 1
  }

  #leaveString() {
    this.#state = this.#depth > 0 ? 'inside' : 'scalar'
  }

  /** JSON strings hold no raw line end, so the closing quote was forgotten. */
  #breakString(at: number): number {
    this.#escaped = false
    this.#leaveString()
    return at
  }
}

const endsScalar = (byte: number) =>
  byte === COMMA ||
  byte === NEWLINE ||
  byte === OPEN_BRACE ||
  byte === CLOSE_BRACE ||
  byte === OPEN_BRACKET ||
  byte === CLOSE_BRACKET

/** A record is a line with something on it. */
class LineSplitter implements Splitter {
  #sink: Sink
  #base: number
  #line: number
  #recordStart = -1

  constructor(start: Start, sink: Sink) {
    this.#base = start.offset
    this.#line = start.line
    this.#sink = sink
  }

  push(block: Uint8Array) {
    let at = 0
    while (at < block.length) at = this.#recordStart < 0 ? this.#blank(block, at) : this.#text(block, at)
    this.#base += block.length
  }

  finish(): Ending {
    const cut = this.#recordStart >= 0
    if (cut) this.#end(this.#base)
    return { cut, open: false }
  }

  #blank(block: Uint8Array, from: number): number {
    for (let at = from; at < block.length; at++) {
      const byte = block[at] as number
      if (byte === NEWLINE) this.#line++
      else if (!isSpace(byte) && !isMark(byte)) {
        this.#recordStart = this.#base + at
        return at
      }
    }
    return block.length
  }

  #text(block: Uint8Array, from: number): number {
    const at = block.indexOf(NEWLINE, from)
    if (at < 0) return block.length
    this.#end(this.#base + at)
    return at
  }

  #end(end: number) {
    this.#sink.record(this.#recordStart, end, this.#line)
    this.#recordStart = -1
  }
}
