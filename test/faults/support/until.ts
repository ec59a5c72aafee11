// Waiting for something to become true from outside, with a limit and an honest message.
import { setTimeout as rest } from 'node:timers/promises'

/** Asks until the answer is not undefined or false. Rejects after `limitMs` with what was waited for. */
export const until = async <Answer>(
  what: string,
  ask: () => Promise<Answer | undefined | false> | Answer | undefined | false,
  limitMs = 30_000,
  everyMs = 50,
): Promise<Answer> => {
  const deadline = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline) throw new Error(`waited ${limitMs / 1_000} s in vain: ${what}`)
    await rest(everyMs)
  }
}

export { rest }
