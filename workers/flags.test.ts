// What memory workers may take together.
import { expect, test } from 'vitest'
import { workerFlags } from './flags.ts'

const GIB = 2 ** 30

const takenMb = (processes: number, gib: number): number => {
  const flags = workerFlags(processes, gib * GIB).join(' ')
  const [old, half] = ['old', 'semi'].map((space) =>
    Number(new RegExp(`--max-${space}-space-size=(\\d+)`).exec(flags)?.[1]),
  )
  return processes * ((old ?? 0) + 3 * (half ?? 0))
}

test.each([
  [3, 1],
  [3, 2],
  [2, 4],
  [9, 8],
])('%i processes take no more than three quarters of %i GiB, their young objects included', (processes, gib) => {
  expect(takenMb(processes, gib)).toBeLessThanOrEqual(0.75 * gib * 1_024)
})

test('they begin with half of their room for young objects', () => {
  expect(workerFlags(1, 64 * GIB)).toEqual(
    expect.arrayContaining(['--max-semi-space-size=32', '--min-semi-space-size=16']),
  )
  expect(workerFlags(20, GIB)).toEqual(expect.arrayContaining(['--max-semi-space-size=4', '--min-semi-space-size=2']))
})

test('none takes more than a GiB of old space, and none so little that it cannot start', () => {
  expect(workerFlags(1, 64 * GIB)).toContain('--max-old-space-size=1024')
  expect(workerFlags(20, GIB)).toContain('--max-old-space-size=192')
})
