// What a JSON tree looks like on screen: visible rows, safe texts, paths, and search.
import { ARRAY, OBJECT, STRING, type JsonTree } from './tree.ts'

const SHOWN_MAX = 400
/** Characters that could reorder, hide or break the line they stand in. */
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff9-\ufffb]/g
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** Makes a text harmless to look at: invisible and direction-changing characters are written out, the rest is cut. */
export const safeText = (text: string, max = SHOWN_MAX): string => {
  const cut = text.length > max ? `${text.slice(0, max)}…` : text
  return cut.replace(UNSAFE, escaped)
}

export const isContainer = (tree: JsonTree, node: number): boolean =>
  tree.kind[node] === OBJECT || tree.kind[node] === ARRAY

/** The nodes to show, in order, leaving out what lies inside closed ones. */
export const visibleRows = (tree: JsonTree, closed: ReadonlySet<number>): Uint32Array => {
  const rows = new Uint32Array(tree.size)
  let size = 0
  let node = 0
  while (node < tree.size) {
    rows[size++] = node
    node = closed.has(node) ? (tree.next[node] ?? tree.size) : node + 1
  }
  return rows.subarray(0, size)
}

const OPEN_ROWS = 200

/** Which containers start closed: none in a small document, all below the first level in a large one. */
export const initiallyClosed = (tree: JsonTree): Set<number> => {
  const closed = new Set<number>()
  if (tree.size <= OPEN_ROWS) return closed
  for (let node = 1; node < tree.size; node = closed.has(node) ? (tree.next[node] ?? tree.size) : node + 1)
    if (isContainer(tree, node)) closed.add(node)
  return closed
}

/** The key of a node as it stands in the text (with quotes), its index in an array, or nothing at the root. */
export const keyText = (tree: JsonTree, node: number): string => {
  const parent = tree.parent[node] ?? -1
  if (parent < 0) return ''
  if (tree.kind[parent] === ARRAY) return String(tree.position[node])
  return safeText(tree.text.slice(tree.keyFrom[node], tree.keyTo[node]), 120)
}

/** The value as it stands in the text; containers tell what they hold. */
export const valueText = (tree: JsonTree, node: number): string => {
  const children = tree.children[node] ?? 0
  if (tree.kind[node] === OBJECT) return children === 0 ? '{}' : `{ ${children} ${children === 1 ? 'key' : 'keys'} }`
  if (tree.kind[node] === ARRAY) return children === 0 ? '[]' : `[ ${children} ${children === 1 ? 'item' : 'items'} ]`
  const from = tree.from[node] ?? 0
  return safeText(tree.text.slice(from, Math.min(tree.to[node] ?? from, from + SHOWN_MAX + 1)))
}

/** The whole value as JSON text. */
export const rawValue = (tree: JsonTree, node: number): string => tree.text.slice(tree.from[node], tree.to[node])

const step = (tree: JsonTree, node: number): string => {
  const parent = tree.parent[node] ?? -1
  if (tree.kind[parent] === ARRAY) return `[${tree.position[node] ?? 0}]`
  const literal = tree.text.slice(tree.keyFrom[node], tree.keyTo[node])
  return /^"[A-Za-z_$][\w$]*"$/.test(literal) ? `.${literal.slice(1, -1)}` : `[${literal}]`
}

/** The JSONPath of a node: `$.order.items[3]["odd key"]`. */
export const pathOf = (tree: JsonTree, node: number): string => {
  const steps: string[] = []
  for (let at = node; at > 0; at = tree.parent[at] ?? 0) steps.push(step(tree, at))
  return `$${steps.reverse().join('')}`
}

/** The containers around a node, so that it can be brought into view. */
export const ancestors = (tree: JsonTree, node: number): number[] => {
  const found: number[] = []
  for (let at = tree.parent[node] ?? -1; at >= 0; at = tree.parent[at] ?? -1) found.push(at)
  return found
}

/** The closed containers with one more, or one less. */
export const withClosed = (closed: ReadonlySet<number>, node: number, shut: boolean): Set<number> => {
  const next = new Set(closed)
  if (shut) next.add(node)
  else next.delete(node)
  return next
}

/** The next node after `start` whose key or own value contains the needle, wrapping around; -1 when there is none. */
export const findNext = (tree: JsonTree, needle: string, start: number): number => {
  if (needle === '') return -1
  const wanted = needle.toLowerCase()
  const has = (from = 0, to = 0): boolean => tree.text.slice(from, to).toLowerCase().includes(wanted)
  for (let turn = 1; turn <= tree.size; turn += 1) {
    const node = (start + turn) % tree.size
    if (has(tree.keyFrom[node], tree.keyTo[node])) return node
    if (!isContainer(tree, node) && has(tree.from[node], tree.to[node])) return node
  }
  return -1
}

export const isString = (tree: JsonTree, node: number): boolean => tree.kind[node] === STRING
