// Payloads with places to fill: `{{slot.at}}` in a text becomes the time of the slot. Names and members only, no code.
import { DateTime } from 'luxon'
import { toIso } from '../kernel/clock.ts'
import { memberAt } from '../kernel/data-filter.ts'
import { pointer } from '../kernel/mistakes.ts'
import type { FieldError } from '../kernel/problem.ts'
import { zoneOf } from './zone.ts'
import type { ScheduleDefinition } from './definition.ts'
import type { Trigger } from './words.ts'

type Data = ScheduleDefinition['data']
type Json = Data[string]

/** What the places of a template are filled from. `slot` is epoch ms; for an event the moment it came. */
export interface Moment {
  readonly slot: number
  readonly schedule: { readonly id: string; readonly trigger: Trigger }
  readonly event?: { readonly id: string; readonly name: string; readonly data: unknown }
}

/** Spaces around a name are cut off afterwards: a pattern that looks for them too takes minutes for a text of spaces. */
const PLACE = /\{\{([^{}]{1,600})\}\}/g
const WHOLE = /^\{\{([^{}]{1,600})\}\}$/
const OF_SLOT = ['slot.at', 'slot.date', 'slot.ms', 'schedule.id'] as const
const OF_EVENT = /^event\.(id|name|data(\..+)?)$/

/** Characters that filling may put in: as many as the payload of a job may have. */
export const FILLED_MAX = 262_144

/** The payload for a slot. What an event does not have is null, and nothing within a text. Throws when the event's data makes
 *  it too long. */
export const render = (data: Data, moment: Moment): Data => {
  const values = valuesOf(moment)
  let left = FILLED_MAX
  const valueAt = (path: string): Json => {
    const value = (memberAt(values, path) ?? null) as Json
    left -= typeof value === 'string' ? value.length : JSON.stringify(value).length
    if (left < 0) throw new Error(`the payload of ${moment.schedule.id} is longer than ${FILLED_MAX} characters`)
    return value
  }
  const fill = (value: Json): Json => {
    if (typeof value === 'string') return fillText(value, valueAt)
    if (Array.isArray(value)) return value.map(fill)
    return typeof value === 'object' && value !== null ? fillMembers(value) : value
  }
  const fillMembers = (members: Readonly<Record<string, Json>>): Data =>
    Object.fromEntries(Object.entries(members).map(([name, value]) => [name, fill(value)]))
  return fillMembers(data)
}

/** A text that is nothing but a place takes the value itself; within others values are written out. */
const fillText = (text: string, valueAt: (path: string) => Json): Json => {
  const [, whole] = WHOLE.exec(text) ?? []
  if (whole !== undefined) return valueAt(whole.trim())
  return text.replaceAll(PLACE, (_place, path: string) => {
    const value = valueAt(path.trim())
    return value === null ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  })
}

const valuesOf = ({ slot, schedule: { id, trigger }, event }: Moment) => ({
  slot: { at: toIso(slot), date: DateTime.fromMillis(slot, { zone: zoneOf(trigger) }).toISODate(), ms: slot },
  schedule: { id },
  ...(event === undefined ? {} : { event }),
})

/** Whether any text of it has a place to fill. */
export const hasPlaces = (data: Data): boolean => placesIn(data).length > 0

/** Places that nothing fills, each by where it lies in the body. */
export const mistakesInTemplate = (data: Data, trigger: Trigger, at: readonly string[]): FieldError[] =>
  placesIn(data).flatMap(({ path, place }) => {
    if ((OF_SLOT as readonly string[]).includes(place)) return []
    if (OF_EVENT.test(place) && trigger.type === 'event') return []
    const detail = OF_EVENT.test(place)
      ? `{{${place}}} needs an event trigger`
      : `nothing fills {{${place}}}; there are ${OF_SLOT.join(', ')} and, of an event, event.id, event.name and event.data.…`
    return [{ pointer: pointer([...at, ...path]), code: 'unknown-place', detail }]
  })

const placesIn = (value: Json, path: readonly string[] = []): { path: readonly string[]; place: string }[] => {
  if (typeof value === 'string')
    return [...value.matchAll(PLACE)].map(([, place = '']) => ({ path, place: place.trim() }))
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => placesIn(member, [...path, name]))
}
