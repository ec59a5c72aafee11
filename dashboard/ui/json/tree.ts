// A JSON text as a flat list of nodes pointing into it: numbers keep every digit, five megabytes stay light.

export const OBJECT = 0
export const ARRAY = 1
export const STRING = 2
export const NUMBER = 3
export const WORD = 4

export interface JsonTree {
  text: string
  size: number
  kind: Uint8Array
  depth: Uint32Array
  parent: Int32Array
  /** Offsets of the value in the text. */
  from: Uint32Array
  to: Uint32Array
  /** Offsets of the key with its quotes; equal when there is none. */
  keyFrom: Uint32Array
  keyTo: Uint32Array
  /** Number of direct children. */
  children: Uint32Array
  /** Position among its siblings. */
  position: Uint32Array
  /** The first node after this one's subtree. */
  next: Uint32Array
}

/** Where and why a text is not JSON; `offset` counts characters. */
export class JsonError extends Error {
  readonly offset: number
  constructor(offset: number, expected: string) {
    super(`not JSON at character ${offset}: expected ${expected}`)
    this.offset = offset
  }
}

const SPACE = /[ \t\n\r]*/y
const LITERAL =
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

const allocate = (text: string, capacity: number): JsonTree => {
  const numbers = (): Uint32Array => new Uint32Array(capacity)
  return {
    text,
    size: 0,
    kind: new Uint8Array(capacity),
    depth: numbers(),
    parent: new Int32Array(capacity),
    from: numbers(),
    to: numbers(),
    keyFrom: numbers(),
    keyTo: numbers(),
    children: numbers(),
    position: numbers(),
    next: numbers(),
  }
}

/** An upper bound of the nodes in a text, cheap to know: every node but the first follows a bracket or a comma. */
const bound = (text: string): number => {
  let nodes = 1
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index)
    if (code === 44 || code === 123 || code === 91) nodes += 1
  }
  return nodes
}

/** Reads a JSON text without recursion, so depth is no danger. Throws `JsonError` for anything that is not JSON. */
export const readJson = (text: string): JsonTree => {
  const reader = new Reader(text)
  const parts = reader.parts()
  while (parts.next().done !== true);
  return reader.tree
}

/** Reads a long JSON text as `readJson` does, but part by part: `pause` is awaited between them, so that a page that shows
 *  millions of characters does not freeze meanwhile. */
export const readJsonInParts = async (text: string, pause: () => Promise<void>): Promise<JsonTree> => {
  const reader = new Reader(text)
  for (const _part of reader.parts()) await pause()
  return reader.tree
}

/** How many characters make a part: some ten milliseconds' work. */
const PART = 250_000

class Reader {
  readonly #text: string
  readonly tree: JsonTree
  #at = 0
  #parent = -1

  constructor(text: string) {
    this.#text = text
    this.tree = allocate(text, bound(text))
  }

  /** Reads all of it; stops for whoever asks after each part. */
  *parts(): Generator<void, void, void> {
    this.#value(0, 0)
    for (let end = PART; this.#parent >= 0;) {
      this.#member()
      if (this.#at < end) continue
      end = this.#at + PART
      yield
    }
    this.#skip()
    if (this.#at < this.#text.length) throw new JsonError(this.#at, 'the end')
  }

  #skip(): void {
    SPACE.lastIndex = this.#at
    SPACE.test(this.#text)
    this.#at = SPACE.lastIndex
  }

  /** One value; a bracket opens a container that `#member` then fills. */
  #value(keyFrom: number, keyTo: number): void {
    this.#skip()
    const first = this.#text[this.#at]
    const node = this.#add(kindOf(first), keyFrom, keyTo)
    if (first !== '{' && first !== '[') return this.#close(node, this.#literal())
    this.#at += 1
    this.#parent = node
  }

  #add(kind: number, keyFrom: number, keyTo: number): number {
    const tree = this.tree
    const node = tree.size++
    const parent = this.#parent
    tree.kind[node] = kind
    tree.parent[node] = parent
    tree.from[node] = this.#at
    tree.keyFrom[node] = keyFrom
    tree.keyTo[node] = keyTo
    if (parent >= 0) {
      tree.depth[node] = (tree.depth[parent] ?? 0) + 1
      const position = tree.children[parent] ?? 0
      tree.position[node] = position
      tree.children[parent] = position + 1
    }
    return node
  }

  #close(node: number, to: number): void {
    this.tree.to[node] = to
    this.tree.next[node] = this.tree.size
    this.#at = to
  }

  #literal(): number {
    LITERAL.lastIndex = this.#at
    if (!LITERAL.test(this.#text)) throw new JsonError(this.#at, 'a value')
    return LITERAL.lastIndex
  }

  /** The next member of the open container, or its end. */
  #member(): void {
    const { kind, children, parent } = this.tree
    const open = this.#parent
    const isArray = kind[open] === ARRAY
    this.#skip()
    if (this.#text[this.#at] === (isArray ? ']' : '}')) {
      this.#close(open, this.#at + 1)
      this.#parent = parent[open] ?? -1
      return
    }
    if ((children[open] ?? 0) > 0) this.#expect(',')
    if (isArray) return this.#value(0, 0)
    const [from, to] = this.#key()
    this.#value(from, to)
  }

  #key(): [number, number] {
    this.#skip()
    const from = this.#at
    if (this.#text[from] !== '"') throw new JsonError(from, 'a key')
    this.#at = this.#literal()
    const to = this.#at
    this.#skip()
    this.#expect(':')
    return [from, to]
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw new JsonError(this.#at, `"${character}"`)
    this.#at += 1
  }
}

const kindOf = (first: string | undefined): number => {
  if (first === '{') return OBJECT
  if (first === '[') return ARRAY
  if (first === '"') return STRING
  return first === 't' || first === 'f' || first === 'n' ? WORD : NUMBER
}
