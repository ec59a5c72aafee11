// A moment as the clock on the wall of a place shows it, to be typed: `2026-03-29T03:30`, and back.
import { zone as shown } from './zone.ts'

const parts = (at: number, zone: string): Record<string, string> =>
  Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
    })
      .formatToParts(at)
      .map(({ type, value }) => [type, value]),
  )

/** What a field for a date with a time of day holds; seconds only where there are some. */
export const wallOf = (at: number, zone: string = shown.name): string => {
  const { year = '', month, day, hour, minute, second } = parts(at, zone)
  const clock = second === '00' ? `${hour}:${minute}` : `${hour}:${minute}:${second}`
  return `${year.padStart(4, '0')}-${month}-${day}T${clock}`
}

/** How far clocks there are ahead of UTC. */
const aheadMs = (at: number, zone: string): number =>
  Date.parse(`${wallOf(at, zone)}Z`) - Math.floor(at / 1_000) * 1_000

/** The moment at which clocks there show a time: the first of two; for one that they skip, as much after the change. Undefined for
 *  what is no time. */
export const momentOf = (wall: string, zone: string = shown.name): number | undefined => {
  const utc = Date.parse(`${wall}Z`)
  if (Number.isNaN(utc)) return undefined
  const [before, after] = [aheadMs(utc - 86_400_000, zone), aheadMs(utc + 86_400_000, zone)]
  const fits = [utc - before, utc - after].find((at) => at + aheadMs(at, zone) === utc)
  return fits ?? utc - before
}
