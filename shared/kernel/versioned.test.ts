// Records of `<version> <JSON>`: had back with their version, and missed aloud.
import { expect, test as base } from 'vitest'
import { z } from 'zod'
import type { Kernel } from './kernel.ts'
import { createLog } from './log.ts'
import { versioned } from './versioned.ts'

const Shelf = z.object({ name: z.string(), books: z.array(z.object({ pages: z.number() })) })
const good = '7 {"name":"A","books":[{"pages":1}],"newer":true}'

const test = base.extend<{ lines: Record<string, unknown>[]; kernel: Kernel }>({
  lines: async ({}, use) => use([]),
  kernel: async ({ lines }, use) =>
    use({ log: createLog('info', (line) => lines.push(JSON.parse(line) as Record<string, unknown>)) } as Kernel),
})

test('a record is had back with its version, without members that are not known', ({ kernel, lines }) => {
  expect(versioned(kernel, 'shelf', Shelf)('a', good)).toEqual({ name: 'A', books: [{ pages: 1 }], version: 7 })
  expect(lines).toEqual([])
})

test('one that cannot be read is left out and told once for each id and version, however many read it', ({
  kernel,
  lines,
}) => {
  const broken = '8 {"name":"A","books":[{"pages":"many"}]}'
  for (const read of [versioned(kernel, 'shelf', Shelf), versioned(kernel, 'shelf', Shelf)]) {
    expect(read('a', broken)).toBeUndefined()
    expect(read('a', broken.replace('8', '9'))).toBeUndefined()
    expect(read('b', broken)).toBeUndefined()
  }
  const told = { level: 'warn', msg: 'a record cannot be read and is left out', kind: 'shelf', id: 'a', version: 8 }
  expect(lines).toMatchObject([
    { ...told, members: ['books.0.pages'] },
    { ...told, version: 9 },
    { ...told, id: 'b' },
  ])
})

test('of one that is no JSON nothing is repeated', ({ kernel, lines }) => {
  expect(versioned(kernel, 'shelf', Shelf)('a', '8 {"secret of')).toBeUndefined()
  expect(lines).toHaveLength(1)
  expect(JSON.stringify(lines)).not.toContain('secret of')
})
