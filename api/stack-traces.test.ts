// What a trace of the bundle says: lines of the sources, read from the map beside it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test as base } from '../test/support/fixtures.ts'
import { inSources } from './stack-traces.ts'

const test = base.extend<{ bundle: (name: string, map?: object) => string }>({
  bundle: async ({ dir }, use) => {
    const dist = join(dir, 'api/dist')
    mkdirSync(dist, { recursive: true })
    await use((name, map) => {
      if (map) writeFileSync(join(dist, `${name}.map`), JSON.stringify(map))
      return pathToFileURL(join(dist, name)).href
    })
  },
})

test('a frame names the line of the source it was made from', ({ bundle, dir }) => {
  // Line 2, column 3 of the bundle is line 5, column 1 of the source.
  const map = { version: 3, sources: ['../../shared/jobs/jobs.ts'], names: [], mappings: ';EAIA' }
  const url = bundle('process.js', map)
  const source = pathToFileURL(join(dir, 'shared/jobs/jobs.ts')).href
  expect(inSources(`enqueue (${url}:2:3)`)).toBe(`enqueue (${source}:5:1)`)
  expect(inSources(`async ${url}:2:3`)).toBe(`async ${source}:5:1`)
})

test('what has no map, and what is no bundle of ours, is told as it is', ({ bundle }) => {
  for (const frame of [`a (${bundle('other.js')}:2:3)`, 'b (node:net:1:2)', 'c (/x/node_modules/y/dist/y.js:1:2)', 'd'])
    expect(inSources(frame)).toBe(frame)
})
