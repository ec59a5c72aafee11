// Keys somebody gave to shortcuts: which they are, what a press means, and why keys cannot be taken.
import { isShortcutId, shortcutList, type ShortcutId } from './shortcut-list.ts'

/** Keys by the keys a shortcut has at first; only those that were changed. */
export type Own = Readonly<Record<string, string>>

export const keysOf = (id: ShortcutId, own: Own): string => own[id] ?? id

const isCharacter = (key: string): boolean => key.length === 1 && key !== ' '

/** What a press of a key stands for where keys have their first meaning; undefined for one that means nothing now. Arrows, Enter and
 *  such always mean what they say. */
export const meaningOf = (key: string, own: Own, isOn: boolean): string | undefined => {
  if (!isCharacter(key)) return key
  if (!isOn) return undefined
  const given = shortcutList.find(({ keys }) => keysOf(keys, own) === key)
  if (given) return given.keys
  return own[key] === undefined ? key : undefined
}

const FORM = /^[!-~]( [!-~])?$/

/** Two keys that cannot both be: the same, or one that the other begins with. */
const collide = (one: string, other: string): boolean =>
  one === other || one.startsWith(`${other} `) || other.startsWith(`${one} `)

/** Why a shortcut cannot have these keys, or undefined when it can. */
export const whyNot = (id: ShortcutId, keys: string, own: Own): string | undefined => {
  if (!FORM.test(keys)) return 'Type one character, or two with a space between, such as n or g o.'
  const taken = shortcutList.find((other) => other.keys !== id && collide(keysOf(other.keys, own), keys))
  if (!taken) return undefined
  return `${keyWords(keysOf(taken.keys, own))} is taken: ${taken.does}.`
}

/** All own keys with those of one shortcut changed; undefined gives it back the first ones. */
export const withKeys = (own: Own, id: ShortcutId, keys: string | undefined): Record<string, string> => {
  const others = Object.entries(own).filter(([other]) => other !== id && isShortcutId(other))
  return Object.fromEntries(keys === undefined || keys === id ? others : [...others, [id, keys]])
}

/** Keys as they are said: `N`, `Shift N`, `G then O`. */
export const keyWords = (keys: string): string =>
  keys
    .split(' ')
    .map((key) => (/[A-Z]/.test(key) ? `Shift ${key}` : key.toUpperCase()))
    .join(' then ')
