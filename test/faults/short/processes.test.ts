// Short faults of processes: jobs that kill them, and recorders that die and freeze.
import { expect, test } from 'vitest'
import { faults } from '../faults.ts'
import { halves, runShort } from './run-short.ts'

runShort('processes')

test('every short fault is in one of the halves', () => {
  const short = faults.filter(({ lane }) => lane === 'short').map(({ id }) => id)
  expect(Object.values(halves).flat().toSorted()).toEqual(short.toSorted())
})
