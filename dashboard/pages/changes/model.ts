// What changed, in words: sections of lines, what matters most, and how far it was looked, so that the page and the handover say the same.
import type { Changes, SectionName } from '../../../shared/changes/contract.ts'
import { absolute, age, count, countOf } from '../../ui/format.ts'
import * as of from './lines.ts'
import { said, type Line, type Telling } from './lines.ts'

export interface Part {
  name: SectionName
  title: string
  total: number
  complete: boolean
  from: number
  lines: Line[]
}

export const sectionTitles: Readonly<Record<SectionName, string>> = {
  alerts: 'Alerts',
  dead_letters: 'Causes of dead letters',
  breakers: 'Breakers',
  slow_downs: 'Slow-downs',
  schedules: 'Schedules',
  settings: 'Settings',
  operations: 'Operations that ended',
  notes: 'Notes',
}

const partOf = <Item>(
  name: SectionName,
  section: { total: number; complete: boolean; from: string; data: Item[] } | null,
  line: (item: Item) => Line,
): Part[] => {
  if (section === null) return []
  const { total, complete, from, data } = section
  return [{ name, title: sectionTitles[name], total, complete, from: Date.parse(from), lines: data.map(line) }]
}

/** All sections somebody may see, in the order in which they matter. */
export const partsOf = (changes: Changes, telling: Telling): Part[] => [
  ...partOf('alerts', changes.alerts, (one) => of.alertLine(one, telling)),
  ...partOf('dead_letters', changes.dead_letters, of.groupLine),
  ...partOf('breakers', changes.breakers, of.breakerLine),
  ...partOf('slow_downs', changes.slow_downs, of.slowLine),
  ...partOf('schedules', changes.schedules, (one) => of.scheduleLine(one, telling)),
  ...partOf('settings', changes.settings, of.settingLine),
  ...partOf('operations', changes.operations, of.operationLine),
  ...partOf('notes', changes.notes, of.noteLine),
]

const most = ({ total, complete }: { total: number; complete: boolean }): string =>
  complete ? count(total) : `at least ${count(total)}`

/** How many there are, beside the title. */
export const totalWords = (part: Pick<Part, 'total' | 'complete'>): string => most(part)

/** What is left out of a section, and how far it was looked; empty where it tells all. */
export const limitWords = ({ total, complete, from, lines }: Part, since: number, { now, zone }: Telling): string => {
  const cut = total > lines.length ? `${count(lines.length)} of ${most({ total, complete })} are shown. ` : ''
  if (isWhole({ complete: true, from }, since)) return complete ? cut : `${cut}There is more than was looked through. `
  const when = absolute(from, now, zone)
  return cut + (complete ? `Known since ${when}; no more is kept. ` : `Looked through back to ${when} only. `)
}

/** A section may be looked at from the beginning of a minute. */
const isWhole = ({ complete, from }: Pick<Part, 'complete' | 'from'>, since: number): boolean =>
  complete && from <= since + 60_000

/** Sections in which something changed, or of which not all is known. */
export const shownParts = (parts: readonly Part[], since: number): Part[] =>
  parts.filter((part) => part.total > 0 || !isWhole(part, since))

/** Sections in which nothing changed, as one sentence; empty when there are none. */
export const quietWords = (parts: readonly Part[], since: number): string => {
  const shown = shownParts(parts, since)
  const quiet = parts.filter((part) => !shown.includes(part)).map(({ title }) => title.toLowerCase())
  if (quiet.length === 0) return ''
  const last = quiet.length > 1 ? ` and ${quiet.at(-1) ?? ''}` : ''
  const names = `${(quiet.length > 1 ? quiet.slice(0, -1) : quiet).join(', ')}${last}`
  return `Looked at, and nothing changed: ${names}.`
}

/** `09:50:00, 4 h ago`. */
export const whenWords = (moment: number, { now, zone }: Telling): string =>
  `${absolute(moment, now, zone)}, ${age(moment, now)}`

/** What matters most, in a sentence. */
export const leadWords = (changes: Changes): string => {
  const firing = changes.alerts?.data.filter(({ alert }) => alert.state === 'firing').length ?? 0
  const causes = changes.dead_letters?.data.filter(({ change }) => change === 'appeared' || change === 'regressed').length ?? 0 // prettier-ignore
  const held = changes.breakers?.data.filter(({ state }) => /open$/.test(state)).length ?? 0
  const slow = changes.slow_downs?.total ?? 0
  const missed = changes.schedules?.data.filter(({ change }) => change === 'missed').length ?? 0
  const urgent = said([
    firing > 0 &&
      leastOf(changes.alerts, firing, `${countOf(firing, 'alert')} fired and still ${firing === 1 ? 'does' : 'do'}`),
    causes > 0 &&
      leastOf(changes.dead_letters, causes, `${countOf(causes, 'cause')} of dead letters appeared or came back`),
    held > 0 && leastOf(changes.breakers, held, countOf(held, 'breaker is not closed', 'breakers are not closed')),
    slow > 0 && countOf(slow, 'kind of job takes longer', 'kinds of job take longer'),
    missed > 0 &&
      leastOf(changes.schedules, missed, countOf(missed, 'schedule missed slots', 'schedules missed slots')),
  ])
  const sections = [changes.alerts, changes.dead_letters, changes.breakers, changes.slow_downs, changes.schedules, changes.settings, changes.operations, changes.notes] // prettier-ignore
  const found = sections.filter((section) => section !== null)
  const total = found.reduce((sum, section) => sum + section.total, 0)
  const all = most({ total, complete: found.every(({ complete }) => complete) })
  const changesWords = total === 1 ? 'change' : 'changes'
  if (urgent.length === 0) return `Nothing of it is trouble: ${all} ${changesWords}.`
  const sentence = urgent.join('; ')
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}. ${all.charAt(0).toUpperCase()}${all.slice(1)} ${changesWords} in all.`
}

/** Whether nothing at all changed, as far as was looked. */
export const isQuiet = (parts: readonly Part[]): boolean => parts.every(({ total }) => total === 0)

/** That nothing changed, as far as that is known. */
export const quietTitle = (parts: readonly Part[], since: number, telling: Telling): string => {
  if (parts.length === 0) return 'Nothing of what changed may be told to you.'
  const limit = shownParts(parts, since).length === 0 ? '' : ', as far as was looked'
  return `Nothing changed since ${whenWords(since, telling)}${limit}.`
}

type Cut = { total: number; data: readonly unknown[] } | null
/** What matters stands first: where all that is told does, there may be more. */
const leastOf = (section: Cut, found: number, words: string): string =>
  section !== null && found === section.data.length && found < section.total ? `at least ${words}` : words

/** Sections somebody may not see, with what they lack. */
export const leftOutWords = ({ left_out }: Changes): string[] =>
  left_out.map(({ section, needs }) => `${sectionTitles[section]} (needs ${needs})`)
