// What Settings offers: time zones with how far they are, the sections of the page, and how saving went, in words.
import type { Saving } from '../../data/preferences/store.ts'

export const sections = ['look', 'time', 'shortcuts', 'you', 'accessibility'] as const
export type Section = (typeof sections)[number]

/** The section a link names; undefined for none there is. */
export const sectionOf = (text: string | undefined): Section | undefined => sections.find((one) => one === text)

interface Option {
  value: string
  label: string
}

/** Browsers list some places by the names they had; nobody looks for those. */
const RENAMED: Record<string, string> = {
  'Africa/Asmera': 'Africa/Asmara',
  'America/Buenos_Aires': 'America/Argentina/Buenos_Aires',
  'America/Godthab': 'America/Nuuk',
  'Asia/Calcutta': 'Asia/Kolkata',
  'Asia/Katmandu': 'Asia/Kathmandu',
  'Asia/Rangoon': 'Asia/Yangon',
  'Asia/Saigon': 'Asia/Ho_Chi_Minh',
  'Atlantic/Faeroe': 'Atlantic/Faroe',
  'Europe/Kiev': 'Europe/Kyiv',
  'Pacific/Enderbury': 'Pacific/Kanton',
}

/** Zones to choose from: the browser's own first, as an empty value, then UTC, then all by name. One that is chosen and that this
 *  browser does not list stands among them. */
export const zoneOptions = (known: readonly string[], own: string, chosen: string | null): Option[] => {
  const today = known.map((name) => RENAMED[name] ?? name)
  const names = new Set(['UTC', ...(chosen === null ? [] : [chosen]), ...today])
  const [utc, ...others] = names
  return [
    { value: '', label: `This browser’s own: ${own}` },
    ...[utc ?? 'UTC', ...others.sort()].map((value) => ({ value, label: value.replaceAll('_', ' ') })),
  ]
}

/** Whether everything is saved, or why not and what holds meanwhile. */
export const savingWords = (saving: Saving): string => {
  if (saving.state === 'busy') return 'Saving…'
  if (saving.state === 'saved') return 'All of it is saved.'
  const { kind, detail, status, requestId } = saving.failure
  const facts = [status, requestId].filter(Boolean).join(', ')
  const meanwhile = kind === 'invalid' ? 'It was taken back.' : 'It holds in this browser only.'
  return `Not saved${facts === '' ? '' : ` (${facts})`}: ${detail} ${meanwhile}`
}
