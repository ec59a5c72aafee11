// The preferences of whoever looks: kept in this browser, saved at the server, followed in other tabs, and applied at once.
import { createSubscriber } from 'svelte/reactivity'
import type { Preferences, PreferencesPatch } from '../../../shared/preferences/contract.ts'
import { createAppearance } from '../../theme/appearance.ts'
import { zone } from '../../ui/zone.ts'
import { api } from '../api.ts'
import { failureOf } from '../failure.ts'
import { PreferenceStore, type Saving } from './store.ts'

const KEY = 'k1n.preferences'
/** Between the tabs of one browser. */
const tabs = new BroadcastChannel(KEY)
const show = createAppearance()

const read = (): string | null => {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}
const keep = (text: string): void => {
  try {
    localStorage.setItem(KEY, text)
  } catch {
    // Holds for this page only, and for others once it is saved.
  }
}

let notify = (): void => undefined
const subscribe = createSubscriber((update) => {
  notify = update
  return () => (notify = () => undefined)
})
const apply = (): void => {
  zone.prefer(store.now.zone ?? undefined)
  show(store.now)
}

const store = new PreferenceStore({
  read,
  keep,
  failureOf,
  tell: (patch) => tabs.postMessage(patch),
  fetch: () => api.preferences.show(),
  save: (body) => api.preferences.edit({ body }),
  changed: () => {
    apply()
    notify()
  },
})
apply()
tabs.onmessage = ({ data }: MessageEvent<PreferencesPatch>) => store.heard(data)

let loading: Promise<void> = Promise.resolve()

export const preferences = {
  /** What holds now; reactive. */
  get now(): Preferences {
    subscribe()
    return store.now
  },
  /** Whether all of it is saved; reactive. */
  get saving(): Saving {
    subscribe()
    return store.saving
  },
  change: (patch: PreferencesPatch): void => store.change(patch),
  /** Saves again what could not be saved. */
  save: (): Promise<void> => store.save(),
  /** What was written at the server another way holds here and in other tabs. */
  noted(patch: PreferencesPatch): void {
    store.heard(patch)
    tabs.postMessage(patch)
  },
  /** Takes those of whoever signed in. */
  load: (): Promise<void> => (loading = store.load()),
  /** The last of these loads. */
  get loading(): Promise<void> {
    return loading
  },
}
