// Keyboard shortcuts: single keys and two-key sequences, silent wherever somebody types, and possible to turn off.
import type { ShortcutId } from './shortcut-ids.ts'

export interface Shortcut {
  /** The keys it has at first: one (`?`) or two after each other (`g o`), as `KeyboardEvent.key` says them. */
  keys: ShortcutId
  does: string
  run: () => void
}

/** A shortcut with the keys it has now. */
export interface Bound extends Omit<Shortcut, 'keys'> {
  id: ShortcutId
  keys: string
}

interface Press {
  key: string
  /** Somebody types, a menu or dialog is open, or a modifier is held. */
  busy: boolean
  at: number
}

const SEQUENCE_MS = 1_200

/** Answers a function that takes key presses and finds the shortcut they complete. */
export const matcher = (): (<Found extends { keys: string }>(
  press: Press,
  shortcuts: readonly Found[],
) => Found | undefined) => {
  let first: { key: string; at: number } | undefined
  return ({ key, busy, at }, shortcuts) => {
    const begun = first && at - first.at < SEQUENCE_MS ? first.key : undefined
    first = undefined
    if (busy) return undefined
    const found = shortcuts.find(({ keys }) => keys === (begun === undefined ? key : `${begun} ${key}`))
    if (!found && shortcuts.some(({ keys }) => keys.startsWith(`${key} `))) first = { key, at }
    return found
  }
}

/** Whether a key press belongs to something else: typing, a modifier, an open dialog, a widget that has keys of its own. */
export const isBusy = (event: KeyboardEvent): boolean => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return true
  const target = event.target instanceof Element ? event.target : undefined
  return (
    target?.closest('input, select, textarea, [contenteditable], [role=grid], [role=tree], [role=menu], dialog') != null
  )
}
