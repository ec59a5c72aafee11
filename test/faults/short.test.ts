// The faults that are part of `npm test`.
import { expect, test } from 'vitest'
import { faults } from './faults.ts'
import { lines } from './report.ts'
import { runFault } from './run-fault.ts'

const SEED = 20_261_122

for (const fault of faults.filter(({ lane }) => lane === 'short'))
  test(`${fault.id}: ${fault.title}`, async (context) => {
    const report = await runFault(fault, SEED)
    if (report.verdict === 'skipped') context.skip(report.because)
    expect(report.violations, lines(report)).toEqual([])
  })
