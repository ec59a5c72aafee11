// Words of preferences: how somebody likes the dashboard, kept for whoever asks and for nobody else.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { Instant, cleanText } from '../jobs/words.ts'
import { TimeZone } from '../schedules/words.ts'

const isZone = (name: string): boolean => {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }) instanceof Intl.DateTimeFormat
  } catch {
    return false
  }
}

/** One printed character, or two that are pressed after each other with a space between. */
const Keys = z
  .string()
  .regex(/^[!-~]( [!-~])?$/, 'must be one character, or two with a space between, such as n or g o')
const KEYS_MAX = 80

const OwnKeys = z
  .record(Keys, Keys)
  .refine((keys) => Object.keys(keys).length <= KEYS_MAX, `must have ${KEYS_MAX} members at most`)
  .refine(
    (keys) => new Set(Object.values(keys)).size === Object.keys(keys).length,
    'must give each key to one thing only',
  )

const PinnedLanes = z.partialRecord(
  z.enum(['queue', 'worker', 'service', 'name']),
  z.array(cleanText(1, 256)).max(20, 'must be 20 lanes at most'),
)

/** Every preference there is. All of them are optional: what is not there is as it is at first. */
const all = {
  zone: TimeZone.refine(isZone, 'must be a time zone that this server knows, such as Europe/Berlin').describe(
    'In which every time is shown; that of the browser unless set.',
  ),
  theme: z.enum(['system', 'light', 'dark']),
  contrast: z.enum(['system', 'more']),
  density: z.enum(['comfortable', 'compact']).describe('How high rows are.'),
  motion: z.enum(['system', 'reduced']),
  wheel: z.enum(['page', 'zoom']).describe('What the plain wheel does over the timeline.'),
  shortcuts: z.enum(['on', 'off']),
  keys: OwnKeys.describe('Other keys for shortcuts, by the keys they have at first.'),
  pinned_lanes: PinnedLanes.describe('Lanes of the timeline that stay at its top, by how it is grouped.'),
  last_seen_at: Instant.describe('Up to when somebody looked at the dashboard, in any browser.'),
  seen_before_at: Instant.describe(
    'Up to when they had looked before they came back: what changed since is new to them.',
  ),
} as const

export const Preferences = z
  .object({
    zone: all.zone.nullable().describe('Null for that of the browser.'),
    theme: all.theme,
    contrast: all.contrast,
    density: all.density,
    motion: all.motion,
    wheel: all.wheel,
    shortcuts: all.shortcuts,
    keys: all.keys,
    pinned_lanes: all.pinned_lanes,
    last_seen_at: all.last_seen_at.nullable(),
    seen_before_at: all.seen_before_at.nullable(),
  })
  .meta({ id: 'Preferences' })
export type Preferences = z.output<typeof Preferences>

/** The schema every change is validated by: members that are given change, null puts one back as it was at first. */
export const PreferencesPatch = z
  .strictObject({
    zone: all.zone.nullable().optional(),
    theme: all.theme.nullable().optional(),
    contrast: all.contrast.nullable().optional(),
    density: all.density.nullable().optional(),
    motion: all.motion.nullable().optional(),
    wheel: all.wheel.nullable().optional(),
    shortcuts: all.shortcuts.nullable().optional(),
    keys: all.keys.nullable().optional(),
    pinned_lanes: all.pinned_lanes.nullable().optional(),
    last_seen_at: all.last_seen_at.nullable().optional(),
    seen_before_at: all.seen_before_at.nullable().optional(),
  })
  .meta({ id: 'PreferencesPatch' })
export type PreferencesPatch = z.output<typeof PreferencesPatch>

const kept =
  'Kept for the key that asks; sessions that were opened with it have the same. Nobody else sees them, and they are forgotten a year after the last change.'

export const preferences = {
  show: endpoint({
    method: 'GET',
    path: '/me/preferences',
    operationId: 'getPreferences',
    summary: 'How you like the dashboard',
    description: kept,
    tags: ['keys'],
    scopes: [],
    replies: { 200: Preferences },
    problems: [],
  }),
  edit: endpoint({
    method: 'PATCH',
    path: '/me/preferences',
    operationId: 'editPreferences',
    summary: 'Change how you like the dashboard',
    description: `Members that are given change, the others stay; null puts one back as it was at first. ${kept}`,
    tags: ['keys'],
    scopes: [],
    // Of the caller's own pages only, several times an hour: it would push out of the audit what others ask about.
    changes: 'nothing',
    body: PreferencesPatch,
    bodyLimit: 32_768,
    replies: { 200: Preferences },
    problems: [],
  }),
}
