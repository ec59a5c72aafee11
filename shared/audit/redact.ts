// What the audit shows of a thing: no secrets, no payloads, and not more than one can read.
import { redact } from '../kernel/log.ts'

type Shown = Record<string, unknown>

/** Members that hold secrets, or what others handed in, wherever they stand. */
const HIDDEN =
  /^(data|data_patch|payload|payloads|result|return_value|headers|body|key|hint|stack|example)$|secret|token|password|passphrase|credential|authorization|cookie|signature/i
const TEXT_MAX = 1_000
const ITEMS_MAX = 100
const DEPTH_MAX = 8
/** Characters one side of an entry may take. */
export const SHOWN_MAX = 16_384

/** A thing without what must not be kept: hidden members say `[hidden]`, long texts and lists are cut. */
export const withoutSecrets = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return shortText(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth >= DEPTH_MAX) return '[more]'
  if (Array.isArray(value)) return value.slice(0, ITEMS_MAX).map((item) => withoutSecrets(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      HIDDEN.test(name) && isHeld(member) ? '[hidden]' : withoutSecrets(member, depth + 1),
    ]),
  )
}

/** Nothing, numbers and switches tell no secret: `has_secret: true` is worth knowing. */
const isHeld = (member: unknown): boolean =>
  member !== null && member !== undefined && typeof member !== 'boolean' && typeof member !== 'number'

const shortText = (text: string): string => {
  const clean = redact(withoutQuery(text)).toWellFormed()
  return clean.length > TEXT_MAX ? `${clean.slice(0, TEXT_MAX)}…` : clean
}

/** Addresses may have credentials in front of the host and behind the question mark. */
const withoutQuery = (text: string): string => {
  if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text
  try {
    const url = new URL(text)
    if (url.username === '' && url.password === '' && url.search === '') return text
    const query = url.search === '' ? '' : '?[hidden]'
    return `${url.protocol}//${url.host}${url.pathname}${query}`
  } catch {
    return text
  }
}

const isRecord = (value: unknown): value is Shown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Both sides of a change as they are kept. Of a thing that was and is, only the members that differ: hidden ones are compared as
 *  they were, so that a changed secret is told as changed. */
export const sidesOf = (
  before: unknown,
  after: unknown,
  isSame: boolean,
): { before: Shown | null; after: Shown | null } => {
  if (isSame && isRecord(before) && isRecord(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
      (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
    )
    return { before: kept(pick(before, names)), after: kept(pick(after, names)) }
  }
  return { before: kept(before), after: kept(after) }
}

const pick = (value: Shown, names: readonly string[]): Shown =>
  Object.fromEntries(names.flatMap((name) => (name in value ? [[name, value[name]]] : [])))

const kept = (value: unknown): Shown | null => {
  if (!isRecord(value)) return null
  const shown = withoutSecrets(value) as Shown
  return JSON.stringify(shown).length <= SHOWN_MAX ? shown : namesOnly(shown)
}

/** What is too large to keep: its members, and of each only what is short. */
const namesOnly = (value: Shown): Shown =>
  Object.fromEntries(
    Object.entries(value)
      .slice(0, ITEMS_MAX)
      .map(([name, member]) => [name, JSON.stringify(member ?? null).length <= 100 ? member : '[large]']),
  )
