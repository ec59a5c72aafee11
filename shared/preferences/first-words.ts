// How preferences are before anybody set one. Apart from the schema: the dashboard reads it too, and ships no schema.
import type { Preferences } from './contract.ts'

/** Preferences of somebody who set none. */
export const firstPreferences = (): Preferences => ({
  zone: null,
  theme: 'system',
  contrast: 'system',
  density: 'comfortable',
  motion: 'system',
  wheel: 'page',
  shortcuts: 'on',
  keys: {},
  pinned_lanes: {},
  last_seen_at: null,
  seen_before_at: null,
})
