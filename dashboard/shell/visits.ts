// The places somebody visited last, kept in this browser for the palette.

const KEPT = 'k1n.recent'

export interface Visited {
  href: string
  title: string
}

/** Where one was, the newest first and each place once. */
export const remembered = (before: readonly Visited[], now: Visited, most = 6): Visited[] =>
  [now, ...before.filter(({ href }) => href !== now.href)].slice(0, most)

/** Reads what was kept of that; nothing where it is no such list. */
export const visitedIn = (text: string | null): Visited[] => {
  try {
    const kept: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(kept) ? kept.filter(isVisited) : []
  } catch {
    return []
  }
}

const isVisited = (value: unknown): value is Visited => {
  if (typeof value !== 'object' || value === null) return false
  const { href, title } = value as Partial<Record<string, unknown>>
  // Only paths of this very place: what is kept could be somebody else's.
  return typeof title === 'string' && typeof href === 'string' && /^\/(?!\/)/.test(href)
}

/** Where one was, the newest first. */
export const kept = (): Visited[] => {
  try {
    return visitedIn(localStorage.getItem(KEPT))
  } catch {
    return []
  }
}

/** Notes where one is now; where storage is forbidden nothing is kept. */
export const noteVisit = (visited: Visited): void => {
  try {
    localStorage.setItem(KEPT, JSON.stringify(remembered(kept(), visited)))
  } catch {
    // The palette shows no recent places then.
  }
}
