// The faults that are part of `npm run test:long` beside the short ones, under a seed of the day.
import { expect, test } from 'vitest'
import { faults } from './faults.ts'
import { lines } from './report.ts'
import { runFault } from './run-fault.ts'

const SEED = Math.floor(Date.now() / 86_400_000)

for (const fault of faults.filter(({ lane }) => lane === 'long'))
  test(`${fault.id}: ${fault.title}`, async (context) => {
    const report = await runFault(fault, SEED)
    if (report.verdict === 'skipped') context.skip(report.because)
    expect(report.violations, lines(report)).toEqual([])
  })
