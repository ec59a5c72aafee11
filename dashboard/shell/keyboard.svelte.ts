// The shortcuts that work right now: those of the whole app and those the open page adds.
import { untrack } from 'svelte'
import { preferences } from '../data/preferences/index.ts'
import { session } from '../data/session.ts'
import { linkTo, router } from '../router.svelte.ts'
import { copyText } from '../ui/clipboard.ts'
import { clock } from '../ui/clock.ts'
import { toasts } from '../ui/toasts.ts'
import { frozenLink, liveLink } from './link.ts'
import type { Entry } from './navigation.ts'
import { rangeOf } from './range.ts'
import { keyWords, keysOf, meaningOf } from './own-keys.ts'
import type { ShortcutId } from './shortcut-ids.ts'
import { isBusy, matcher, type Bound, type Shortcut } from './shortcuts.ts'
import { usual } from './usual.svelte.ts'

let helpOpen = $state(false)
let ofPage = $state.raw<readonly Shortcut[]>([])

const go = (keys: ShortcutId, name: Entry['route'], title: string): Shortcut => ({
  keys,
  does: `Go to ${title}`,
  run: () => void router.go(linkTo(name)),
})

const rows = (): HTMLElement[] => [...document.querySelectorAll<HTMLElement>('[data-row]')]
const moveRow = (step: number): void => {
  const all = rows()
  const at = all.indexOf(document.activeElement as HTMLElement)
  const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + step))]
  next?.focus()
}

const copyLink = async (kind: 'live' | 'frozen'): Promise<void> => {
  const range = rangeOf(router.param('t'), usual.range)
  const link = kind === 'live' ? liveLink(location.href, range) : frozenLink(location.href, range, clock.exact())
  if (await copyText(link)) toasts.done(`Copied the ${kind} link.`)
  else toasts.error('The link could not be copied: this browser refused.')
}

/** What works for a subscriber, whose pages have no range and no search of everything. */
const ofGuests: readonly Shortcut[] = [
  { keys: '?', does: 'Show what keys work here', run: () => (helpOpen = true) },
  { keys: '/', does: 'Go to the filter', run: () => document.querySelector<HTMLElement>('[data-filter]')?.focus() },
  go('g h', 'webhooks', 'Webhooks'),
]

const ofApp: readonly Shortcut[] = [
  { keys: '?', does: 'Show what keys work here', run: () => (helpOpen = true) },
  {
    keys: '/',
    does: 'Go to the filter, or the search',
    // The search stands first in the page, so that both cannot be asked for at once.
    run: () =>
      (
        document.querySelector<HTMLElement>('[data-filter]') ?? document.querySelector<HTMLElement>('[data-search]')
      )?.focus(),
  },
  { keys: 'y', does: 'Copy a link that stays live', run: () => void copyLink('live') },
  { keys: 'Y', does: 'Copy a link to this very time', run: () => void copyLink('frozen') },
  {
    keys: 'u',
    does: 'Catch me up: what changed since you last looked',
    run: () => void router.go(linkTo('changes')),
  },
  go('g o', 'overview', 'Overview'),
  go('g t', 'timeline', 'Timeline'),
  go('g a', 'analytics', 'Analytics'),
  go('g l', 'alerts', 'Alerts'),
  go('g q', 'queues', 'Queues'),
  go('g j', 'jobs', 'Jobs'),
  go('g s', 'schedules', 'Schedules'),
  go('g d', 'deadLetters', 'Dead letters'),
  go('g b', 'breakers', 'Breakers'),
  go('g h', 'webhooks', 'Webhooks'),
  go('g e', 'events', 'Events'),
  go('g w', 'workers', 'Workers'),
  go('g v', 'services', 'Services'),
  go('g p', 'operations', 'Operations'),
  go('g k', 'keys', 'API keys'),
  go('g u', 'audit', 'Audit'),
  go('g ,', 'settings', 'Settings'),
]
const MENU = '[aria-haspopup=menu]'
/** The menu of the row that has focus, else the first one of the page; never that of another row than the one in focus. */
const menu = (): HTMLElement | null | undefined => {
  const row = document.activeElement?.closest('tr')
  const ofRow = row?.querySelector<HTMLElement>(MENU)
  if (ofRow) return ofRow
  return [...document.querySelectorAll<HTMLElement>(`#main ${MENU}`)].find((button) => !row || !button.closest('tr'))
}

const ofLists: readonly Shortcut[] = [
  { keys: 'j', does: 'Next row', run: () => moveRow(1) },
  { keys: 'k', does: 'Previous row', run: () => moveRow(-1) },
]
/** From its button, which gets the focus back. */
const openMenu = (): void => {
  const button = menu()
  button?.focus()
  button?.click()
}
const ofMenus: readonly Shortcut[] = [{ keys: '.', does: 'Actions of the row or the page', run: openMenu }]

export const keyboard = {
  get on(): boolean {
    return preferences.now.shortcuts === 'on'
  },
  turn: (next: boolean): void => preferences.change({ shortcuts: next ? 'on' : 'off' }),
  /** The keys a shortcut has now, in words behind what it does: ` (N)`; nothing while shortcuts are off. */
  hint: (id: ShortcutId): string => (keyboard.on ? ` (${keyWords(keysOf(id, preferences.now.keys))})` : ''),
  /** What a key stands for where it is heard by its first meaning; undefined for one that means nothing now. */
  meaning: (key: string): string | undefined => meaningOf(key, preferences.now.keys, keyboard.on),
  get helpOpen(): boolean {
    return helpOpen
  },
  help: (open: boolean): boolean => (helpOpen = open),
  /** What works on the page that is open. */
  get here(): readonly Bound[] {
    const own = preferences.now.keys
    const all = [
      ...(session.guest === undefined ? ofApp : ofGuests),
      ...(rows().length > 0 ? ofLists : []),
      ...(menu() ? ofMenus : []),
      ...ofPage,
    ]
    const given = Object.values(own)
    // Keys that somebody gave to another shortcut are that one's.
    const usable = all.filter(({ keys }) => own[keys] !== undefined || !given.includes(keys))
    return usable.map((shortcut) => ({ ...shortcut, id: shortcut.keys, keys: keysOf(shortcut.keys, own) }))
  },
  /** Adds keys of a page, or of a part of it, while that is open; answers how to take them away. */
  add(shortcuts: readonly Shortcut[]): () => void {
    ofPage = [...untrack(() => ofPage), ...shortcuts]
    return () => {
      ofPage = untrack(() => ofPage).filter((each) => !shortcuts.includes(each))
    }
  },
  /** Starts listening; answers how to stop. */
  start: (): (() => void) => {
    const match = matcher()
    const press = (event: KeyboardEvent): void => {
      if (!keyboard.on) return
      const found = match({ key: event.key, busy: isBusy(event), at: event.timeStamp }, keyboard.here)
      if (!found) return
      event.preventDefault()
      found.run()
    }
    addEventListener('keydown', press)
    return () => removeEventListener('keydown', press)
  },
}
