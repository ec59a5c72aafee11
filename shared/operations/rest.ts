// Waiting within a run: a wish for a pause, an end or another pace is heard all the same.
import type { Run } from './running.ts'

/** While it rests, this often it hears what is wanted. */
const LISTEN_EVERY_MS = 250

/** Sleeps, but not so long that a wish is heard late. */
export const rest = async (
  { kernel, tenure, work }: Pick<Run, 'kernel' | 'tenure' | 'work'>,
  ms: number,
): Promise<void> => {
  const left = LISTEN_EVERY_MS - tenure.sinceStep()
  await kernel.clock.sleep(Math.max(1, Math.min(ms, left)), work.signal)
  if (tenure.sinceStep() >= LISTEN_EVERY_MS) await tenure.advance()
}
