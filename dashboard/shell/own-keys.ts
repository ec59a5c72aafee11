// Keys somebody gave to shortcuts: which they are, what a press means, and how they are said.
import { shortcutIds, type ShortcutId } from './shortcut-ids.ts'

/** Keys by the keys a shortcut has at first; only those that were changed. */
export type Own = Readonly<Record<string, string>>

export const keysOf = (id: ShortcutId, own: Own): string => own[id] ?? id

const isCharacter = (key: string): boolean => key.length === 1 && key !== ' '

/** What a press of a key stands for where keys have their first meaning; undefined for one that means nothing now. Arrows, Enter and
 *  such always mean what they say. */
export const meaningOf = (key: string, own: Own, isOn: boolean): string | undefined => {
  if (!isCharacter(key)) return key
  if (!isOn) return undefined
  const given = shortcutIds.find((id) => keysOf(id, own) === key)
  if (given) return given
  return own[key] === undefined ? key : undefined
}

/** Keys as they are said: `N`, `Shift N`, `G then O`. */
export const keyWords = (keys: string): string =>
  keys
    .split(' ')
    .map((key) => (/[A-Z]/.test(key) ? `Shift ${key}` : key.toUpperCase()))
    .join(' then ')
