// Marks under the chart: those that would touch become one, which says how many it is.
import type { TimelineMark } from '../../shared/timeline/contract.ts'
import { countOf } from '../ui/format.ts'
import type { Line } from './folds.ts'
import { timeOf } from './times.ts'

export interface MarkGroup {
  key: string
  x: number
  kind: TimelineMark['kind']
  marks: TimelineMark[]
}

/** Nearer than this, two signs would touch. */
const APART_PX = 14
const SHOWN = 3

/** Signs from left to right. A group looks like the first of what weighs most in it: notes and breakers before changes, changes
 *  before schedules. */
export const groupsOf = (marks: readonly TimelineMark[], line: Line, width: number): MarkGroup[] => {
  const groups: MarkGroup[] = []
  for (const mark of marks) {
    const x = line.x(mark.at)
    if (x < 0 || x > width) continue
    const last = groups.at(-1)
    if (last && x - last.x < APART_PX) last.marks.push(mark)
    else groups.push({ key: `${mark.kind} ${mark.at} ${mark.about}`, x, kind: mark.kind, marks: [mark] })
  }
  for (const group of groups) group.kind = heaviest(group.marks)
  return groups
}

const WEIGHT: Record<TimelineMark['kind'], number> = { note: 3, breaker: 2, change: 1, schedule: 0 }
const heaviest = (marks: readonly TimelineMark[]): TimelineMark['kind'] =>
  marks.reduce((most, { kind }) => (WEIGHT[kind] > WEIGHT[most] ? kind : most), marks[0]?.kind ?? 'note')

/** A mark in words: `10:22:08 Breaker opened, smtp.example`. */
export const markWords = ({ at, text, about, count, kind }: TimelineMark, zone: string): string => {
  const what =
    kind === 'note' ? `“${text}”, ${about}` : count > 1 ? `${countOf(count, 'fire')} of schedules` : `${text}, ${about}`
  return `${timeOf(at, zone)} ${what}`
}

/** A group in words; what does not fit is counted. */
export const groupWords = ({ marks }: MarkGroup, zone: string): string => {
  const told = marks.slice(0, SHOWN).map((mark) => markWords(mark, zone))
  const more = marks.length - told.length
  return [...told, ...(more > 0 ? [`${more} more`] : [])].join('; ')
}
