// Giving keys to shortcuts: which they can have, and why not others.
import { keysOf, keyWords, type Own } from './own-keys.ts'
import { shortcutIds, type ShortcutId } from './shortcut-ids.ts'
import { shortcutList } from './shortcut-list.ts'

const ids: readonly string[] = shortcutIds
const isShortcutId = (keys: string): keys is ShortcutId => ids.includes(keys)

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
