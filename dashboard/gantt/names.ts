// A dictionary of strings, so that a column can hold small numbers instead of names.

export class Names {
  readonly all: string[] = []
  readonly #codes = new Map<string, number>()

  /** The number of a name; a name not seen before gets the next one. */
  code(name: string): number {
    const known = this.#codes.get(name)
    if (known !== undefined) return known
    this.#codes.set(name, this.all.length)
    return this.all.push(name) - 1
  }

  /** The number of a name, or -1 when nothing has it. */
  find(name: string): number {
    return this.#codes.get(name) ?? -1
  }

  text(code: number): string {
    return this.all[code] ?? ''
  }
}
