// Structured fields of RFC 9651, as far as `RateLimit` and `RateLimit-Policy` go: a list of strings, each with integer parameters.

export type Items = Record<string, Record<string, number>>

/** Reads a field, and refuses what is not one to the letter. */
export const parseItems = (field: string | null): Items => {
  const items: Items = {}
  let rest = field ?? ''
  const take = (pattern: RegExp): string => {
    const found = new RegExp(`^(?:${pattern.source})`).exec(rest)?.[0]
    if (found === undefined) throw new Error(`not ${pattern.source}: ${rest}`)
    rest = rest.slice(found.length)
    return found
  }
  for (;;) {
    const name = take(/"(?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"/).slice(1, -1)
    const parameters: Record<string, number> = {}
    while (rest.startsWith(';')) {
      take(/; */)
      const key = take(/[a-z*][a-z0-9_.*-]*/)
      take(/=/)
      parameters[key] = Number(take(/-?\d{1,15}/))
    }
    items[name] = parameters
    if (rest === '') return items
    take(/[ \t]*,[ \t]*(?=")/)
  }
}
