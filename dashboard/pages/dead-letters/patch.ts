// A JSON merge patch as somebody types it, and what it will do to a payload, told before anything moves.
import { NUMBER, readJson } from '../../ui/json/tree.ts'
import { rawValue } from '../../ui/json/view.ts'

type Json = unknown
type Members = Record<string, Json>

const isMembers = (value: Json): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Reads a patch; nothing typed is none. */
export const readPatch = (text: string): { value: Members | undefined } | { error: string } => {
  if (text.trim() === '') return { value: undefined }
  try {
    const value: unknown = JSON.parse(text)
    const inexact = firstInexact(text)
    if (inexact !== undefined) return { error: `${inexact} has more digits than a number keeps; write it as text.` }
    return isMembers(value) ? { value } : { error: 'Must be an object such as {"to": "ada@example.org"}.' }
  } catch (error) {
    return { error: `This is no JSON yet: ${error instanceof Error ? error.message : 'it cannot be read'}.` }
  }
}

/** The first whole number that would become another one. */
const firstInexact = (text: string): string | undefined => {
  const tree = readJson(text)
  const numbers = Array.from(tree.kind.keys()).filter((node) => tree.kind[node] === NUMBER)
  return numbers
    .map((node) => rawValue(tree, node))
    .find((raw) => /^-?\d{16,}$/.test(raw) && BigInt(raw) !== BigInt(Number(raw)))
}

export interface Change {
  path: string
  /** As JSON; undefined where there was nothing, or will be nothing. */
  before: string | undefined
  after: string | undefined
}

const SHOWN_MAX = 50

/** What a patch changes in a payload, member by member, at most fifty of them. */
export const changesOf = (payload: Json, patch: Members): Change[] => [...walk(payload, patch, '')].slice(0, SHOWN_MAX)

function* walk(target: Json, patch: Members, above: string): Generator<Change> {
  for (const [name, value] of Object.entries(patch)) {
    const path = above === '' ? name : `${above}.${name}`
    const known = isMembers(target) && Object.hasOwn(target, name) ? target[name] : undefined
    if (isMembers(value)) yield* walk(known, value, path)
    else {
      const [before, after] = [text(known), value === null ? undefined : text(value)]
      if (before !== after) yield { path, before, after }
    }
  }
}

const text = (value: Json): string | undefined => (value === undefined ? undefined : JSON.stringify(value))
