// Measures which lines and branches the unit and endpoint tests reach, and fails below 85 %.
import { spawnSync } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { node24 } from './setup/node24.mjs'
import { orExplain } from './setup/say.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const included = ['shared', 'api', 'workers'].map((dir) => `--coverage.include=${dir}/**/*.ts`)
const excluded = ['**/*.test.ts', '**/*.conformance.ts'].map((files) => `--coverage.exclude=${files}`)
const least = ['lines', 'branches'].map((what) => `--coverage.thresholds.${what}=85`)

await orExplain(async () => {
  const node = await node24(root)
  const vitest = [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--coverage']
  const { status } = spawnSync(node, [...vitest, ...included, ...excluded, ...least, ...process.argv.slice(2)], {
    cwd: root,
    stdio: 'inherit',
  })
  process.exitCode = status ?? 1
})
