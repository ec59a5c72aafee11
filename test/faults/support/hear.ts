// What a listener heard of what the log holds.
import type { Census } from './census.ts'
import type { Heard } from './evidence.ts'
import type { Listener } from './listener.ts'
import { until } from './until.ts'

/** Looks at the log once, and gives the listener time to come as far. The recorder may be behind and write on for long, so what is told
 *  after that look is held against nobody; and the listener may be past the end of it by the time it is asked. */
export const hear = async (
  census: Pick<Census, 'logged'>,
  listener: Omit<Listener, 'stop'>,
  limitMs = 5_000,
): Promise<Heard> => {
  const logged = await census.logged(listener.from)
  const last = logged.at(-1) ?? listener.from
  const isThere = (): boolean => !isBefore(listener.ids.at(-1) ?? listener.from, last)
  // Who never comes so far is judged by what it heard.
  await until('the listener has heard the last fact', isThere, limitMs).catch(() => undefined)
  return { ids: [...listener.ids], logged, gaps: listener.gaps }
}

/** Which of two positions of the log comes first. */
export const isBefore = (id: string, other: string): boolean => {
  const [ms = 0, seq = 0] = id.split('-').map(Number)
  const [otherMs = 0, otherSeq = 0] = other.split('-').map(Number)
  return ms < otherMs || (ms === otherMs && seq < otherSeq)
}
