// What changed as Markdown: the handover of a shift, to be pasted wherever people write.
import type { Changes } from '../../../shared/changes/contract.ts'
import { dateTime, withMarksShown } from '../../ui/format.ts'
import { lookOf } from '../../ui/states.ts'
import type { Line, Telling, To } from './lines.ts'
import { isQuiet, leadWords, leftOutWords, limitWords, partsOf, quietTitle, quietWords, shownParts, totalWords } from './model.ts' // prettier-ignore
import type { Part } from './model.ts'

export interface Links {
  /** The whole address of a line's page as it was then. */
  of: (to: To, at: number | undefined) => string
  /** That of these very changes. */
  self: string
}

/** Text of strangers as text: it makes no links, no headings and no lines of its own. */
const plain = (text: string): string =>
  withMarksShown(text)
    .replaceAll(/[\\`*_[\]<>#|~]/g, String.raw`\$&`)
    .replaceAll(/\s+/g, ' ')
    .trim()

/** What Markdown would end a link at is encoded. */
const address = (href: string): string => href.replaceAll('(', '%28').replaceAll(')', '%29').replaceAll(' ', '%20')

const lineOf = ({ state, word, title, detail, by, at, to }: Line, links: Links, zone: string): string => {
  const what = state === undefined ? '' : `**${word ?? lookOf(state).word}** `
  const when = at === undefined ? '' : `, ${dateTime(at, zone)}`
  const rest = [...detail, by].filter((part) => part !== '').map(plain)
  return `- ${what}[${plain(title)}](${address(links.of(to, at))})${when}${rest.length > 0 ? `: ${rest.join('; ')}` : ''}`
}

const partOf = (part: Part, changes: Changes, links: Links, telling: Telling): string => {
  const limit = limitWords(part, Date.parse(changes.since), telling).trim()
  const lines = part.lines.map((line) => lineOf(line, links, telling.zone))
  return [`## ${part.title} (${totalWords(part)})`, '', ...lines, ...(limit === '' ? [] : ['', limit])].join('\n')
}

export const markdownOf = (changes: Changes, links: Links, telling: Telling, zoneWords: string): string => {
  const parts = partsOf(changes, telling)
  const [since, until] = [changes.since, changes.until].map((iso) => dateTime(Date.parse(iso), telling.zone))
  const from = Date.parse(changes.since)
  const shown = shownParts(parts, from)
  const missing = leftOutWords(changes)
  return [
    `# What changed, ${since ?? ''} to ${until ?? ''}`,
    isQuiet(parts) ? quietTitle(parts, from, telling) : leadWords(changes),
    `[Open these changes](${address(links.self)}). Times in ${zoneWords}.`,
    ...shown.map((part) => partOf(part, changes, links, telling)),
    quietWords(parts, from),
    missing.length === 0 ? '' : `Not told: ${missing.join(', ')}.`,
  ]
    .filter((block) => block !== '')
    .join('\n\n')
    .concat('\n')
}
