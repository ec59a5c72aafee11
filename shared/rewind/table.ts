// Rows of one shape as a table: the names of members once, and what is alike in many rows once.

export interface Table {
  members: string[]
  /** What rows hold that is no plain value, each once. */
  parts: unknown[]
  /** A cell is a plain value, or the number of a part in brackets. */
  rows: unknown[][]
}

/** Makes a table of rows that all have the members of the first. */
export const toTable = (rows: readonly object[]): Table => {
  const parts: unknown[] = []
  const places = new Map<string, number>()
  const placeOf = (part: object): number => {
    const text = JSON.stringify(part)
    const known = places.get(text)
    if (known !== undefined) return known
    places.set(text, parts.length)
    return parts.push(part) - 1
  }
  const cell = (value: unknown): unknown => (typeof value === 'object' && value !== null ? [placeOf(value)] : value)
  const members = Object.keys(rows[0] ?? {})
  return {
    members,
    parts,
    rows: rows.map((row) => members.map((name) => cell((row as Record<string, unknown>)[name]))),
  }
}

/** The rows of a table again. */
export const fromTable = ({ members, parts, rows }: Table): Record<string, unknown>[] =>
  rows.map((row) =>
    Object.fromEntries(
      members.map((name, index) => {
        const cell = row[index]
        return [name, Array.isArray(cell) ? parts[Number(cell[0])] : cell]
      }),
    ),
  )
