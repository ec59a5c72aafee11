// Paths and links as values: matching, filling in and merging search, without a browser.

/** The parameters a path pattern names: `/jobs/:id` → `{ id: string }`. */
export type Params<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & Params<`/${Rest}`>
  : Path extends `${string}:${infer Name}`
    ? Record<Name, string>
    : unknown

const segments = (path: string): string[] => path.split('/').filter((part) => part !== '')

const decode = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** The parameters of a path under a pattern, or undefined when it does not fit (a badly encoded one never fits). */
export const match = (pattern: string, path: string): Record<string, string> | undefined => {
  const [wanted, given] = [segments(pattern), segments(path)]
  if (wanted.length !== given.length) return undefined
  const params: Record<string, string> = {}
  for (const [index, part] of wanted.entries()) {
    const text = decode(given[index] ?? '')
    if (text === undefined || (!part.startsWith(':') && part !== text)) return undefined
    if (part.startsWith(':')) params[part.slice(1)] = text
  }
  return params
}

/** The path of a pattern with its parameters percent-encoded, so that `/`, `.` and `:` in names survive. */
export const fill = (pattern: string, params: Record<string, string> = {}): string =>
  `/${segments(pattern)
    .map((part) => (part.startsWith(':') ? encodeURIComponent(params[part.slice(1)] ?? '') : part))
    .join('/')}`

export type SearchChanges = Record<string, string | undefined>

/** Search parameters with some set and some (undefined or empty) taken out; others, known or not, stay. What a query may
 *  carry unescaped is left readable. */
export const mergeSearch = (search: string, changes: SearchChanges): string => {
  const merged = new URLSearchParams(search)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined || value === '') merged.delete(name)
    else merged.set(name, value)
  }
  const text = merged.toString().replace(/%3A/g, ':').replace(/%2F/g, '/').replace(/%2C/g, ',')
  return text === '' ? '' : `?${text}`
}

/** One parameter of a search; undefined when it does not say. */
export const readParam = (search: string, name: string): string | undefined =>
  new URLSearchParams(search).get(name) ?? undefined

/** What a link to another page carries along: time and zone travel (`as_of`: the moment looked back to), filters stay behind. */
export const TRAVELLING = ['t', 'from', 'to', 'as_of', 'tz'] as const

export const carried = (search: string): string => {
  const now = new URLSearchParams(search)
  return mergeSearch('', Object.fromEntries(TRAVELLING.map((name) => [name, now.get(name) ?? undefined])))
}
