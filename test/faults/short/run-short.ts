// The faults that are part of `npm test`, in two files that run side by side: what dies is waited for half of the time.
import { expect, test } from 'vitest'
import { faults } from '../faults.ts'
import { lines } from '../report.ts'
import { runFault } from '../run-fault.ts'

/** Faults of processes, and faults of Redis and what is in it. */
export const halves = { processes: ['F06', 'F31'], redis: ['F13', 'F19', 'F32'] } as const

const SEED = 20_261_122

/** A test for each fault of a half. */
export const runShort = (half: keyof typeof halves): void => {
  for (const fault of faults.filter(({ id }) => (halves[half] as readonly string[]).includes(id)))
    test(`${fault.id}: ${fault.title}`, async (context) => {
      const report = await runFault(fault, SEED)
      if (report.verdict === 'skipped') context.skip(report.because)
      expect(report.violations, lines(report)).toEqual([])
    })
}
