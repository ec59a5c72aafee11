// Checks types, lint, format and the dashboard's components, without running a test.
import { spawnSync } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkArguments, checks } from './setup/checks.mjs'
import { node24 } from './setup/node24.mjs'
import { orExplain, say } from './setup/say.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

await orExplain(async () => {
  const node = await node24(root)
  for (const check of checks) {
    const { status } = spawnSync(node, checkArguments(check), { cwd: root, stdio: 'inherit' })
    say(check.name, status === 0 ? 'right' : 'wrong')
    if (status !== 0) process.exitCode = 1
  }
})
