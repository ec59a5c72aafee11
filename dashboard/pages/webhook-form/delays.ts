// Waits between attempts, as people write them: `5s 5m 30m 2h`.
import { duration } from '../../ui/format.ts'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }
const DELAY = /^(\d{1,6}(?:\.\d{1,3})?)\s*(ms|s|min|m|h|d)$/
const MIN_MS = 1_000
export const DELAY_MAX_MS = 172_800_000
const MOST = 30

/** One wait; undefined for what is none. */
export const readDelay = (text: string): number | undefined => {
  const [, amount = '', unit = ''] = DELAY.exec(text.trim().toLowerCase()) ?? []
  const scale = UNITS[unit]
  return scale === undefined ? undefined : Math.round(Number(amount) * scale)
}

/** The shortest text that says it exactly. */
export const writeDelay = (ms: number): string => {
  const [unit, scale] =
    (['d', 'h', 'm', 's'] as const)
      .map((name) => [name, UNITS[name] ?? 1] as const)
      .find(([, each]) => ms % each === 0) ?? (['ms', 1] as const)
  return `${ms / scale}${unit}`
}

export type ReadDelays = { delays: number[] } | { error: string }

/** Waits that are parted by spaces or commas; none means that nothing is tried again. */
export const readDelays = (text: string): ReadDelays => {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '')
  const delays = parts.map(readDelay)
  const wrong = parts[delays.indexOf(undefined)]
  if (wrong !== undefined) return { error: `${wrong} is no time: write 30s, 5m, 2h or 1d.` }
  if (delays.length > MOST) return { error: `At most ${MOST} waits.` }
  if (delays.some((ms = 0) => ms < MIN_MS || ms > DELAY_MAX_MS))
    return { error: 'Each wait must be from 1 second to 2 days.' }
  return { delays: delays as number[] }
}

/** The waits that a rule comes to. */
export const growing = (base: number, factor: number, max: number, attempts: number): number[] =>
  Array.from({ length: Math.max(0, attempts - 1) }, (_, n) => Math.min(max, base * factor ** n))

const SHOWN = 5

/** When a delivery that fails is tried, in a sentence. */
export const delaysWords = (delays: readonly number[]): string => {
  if (delays.length === 0) return 'Tried once; what fails is given up at once.'
  const all = delays.reduce((sum, ms) => sum + ms, 0)
  const first = delays.slice(0, SHOWN).map((ms) => duration(ms).replace(/\.0 s$/, ' s'))
  const more = delays.length > SHOWN ? ' and so on' : ''
  return `Tried ${delays.length + 1} times in ${duration(all).replace(/\.0 s$/, ' s')}: after ${first.join(', ')}${more}. Each wait is up to 20 % shorter or longer.`
}
