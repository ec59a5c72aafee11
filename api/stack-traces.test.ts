// What a trace of the bundle says: lines of the sources, read from the map beside it.
import { execFile } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
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

test('a process that was told to names sources in what it says of an error, and the codes of Node', async ({
  bundle,
  dir,
}) => {
  const url = bundle('main.js', { version: 3, sources: ['../../api/main.ts'], names: [], mappings: ';EAIA' })
  writeFileSync(join(dir, 'api/dist/main.js'), 'export const fail = () =>\n  { throw new RangeError("no such job") }\n')
  const script = `
    import { nameSources } from ${JSON.stringify(new URL('stack-traces.ts', import.meta.url).href)}
    import { fail } from ${JSON.stringify(url)}
    nameSources()
    const stackOf = (work) => { try { work() } catch (error) { return error.stack } }
    console.log(JSON.stringify([stackOf(fail), stackOf(() => new URL('?'))]))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script])
  const [ours, nodes] = JSON.parse(stdout) as [string, string]
  const source = pathToFileURL(join(dir, 'api/main.ts')).href
  expect(ours.split('\n').slice(0, 2)).toEqual(['RangeError: no such job', `    at fail (${source}:5:1)`])
  expect(nodes).toMatch(/^TypeError(?: \[ERR_INVALID_URL\])?: Invalid URL\n    at /)
})
