// A value that is JSON already.

/** What a handler answers in place of a value of so many parts that making and checking them takes longer than to write them out: who
 *  wrote it vouches that it is what the row says. */
export class Json<Value> {
  /** UTF-8. */
  readonly bytes: Buffer

  constructor(bytes: Buffer) {
    this.bytes = bytes
  }

  /** The value. */
  read(): Value {
    return JSON.parse(this.bytes.toString()) as Value
  }
}
