// What the command palette offers for what was typed: pages, things by name or id, commands, and where one was last.

export interface Item {
  /** One for each, so that the list keeps its place. */
  id: string
  kind:
    | 'Recent'
    | 'Page'
    | 'Command'
    | 'Queue'
    | 'Schedule'
    | 'Service'
    | 'Webhook'
    | 'Cause of dead letters'
    | 'Search'
  label: string
  /** Other words it is found by, and shown beside it. */
  also?: string
  /** The keys that do the same. */
  keys?: string
  run: () => void
}

const NONE = Infinity

/** How well a text fits: 0 for the whole of it, then its beginning, the beginning of a word, a part, letters in order. */
const rank = (text: string, typed: string): number => {
  const [whole, part] = [text.toLowerCase(), typed.toLowerCase()]
  if (whole === part) return 0
  if (whole.startsWith(part)) return 1
  const at = whole.indexOf(part)
  if (at >= 0) return /[^a-z0-9]/.test(whole[at - 1] ?? '') ? 2 : 3
  return NONE
}

const rankOf = ({ label, also }: Item, typed: string): number =>
  Math.min(rank(label, typed), rank(also ?? '', typed) + 0.5)

/** The items that fit, the best first and otherwise in their order; each id once, at most so many. */
export const fitting = (items: readonly Item[], typed: string, most = 12): Item[] => {
  const text = typed.trim()
  const seen = new Set<string>()
  const once = items.filter(({ id }) => !seen.has(id) && seen.add(id))
  if (text === '') return once.filter(({ kind }) => kind === 'Recent' || kind === 'Page').slice(0, most)
  return once
    .map((item) => ({ item, at: rankOf(item, text) }))
    .filter(({ item, at }) => at !== NONE && item.kind !== 'Recent')
    .sort((one, other) => one.at - other.at)
    .slice(0, most)
    .map(({ item }) => item)
}
