// Runs one of our TypeScript programs with a Node that can, whichever Node runs this.
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findNode24 } from './setup/node24.mjs'
import { orExplain } from './setup/say.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

await orExplain(async () => {
  const { path } = await findNode24(root)
  const quiet = '--disable-warning=ExperimentalWarning'
  const child = spawn(path, [quiet, ...process.argv.slice(2)], { stdio: 'inherit' })
  // The terminal tells both of us about Ctrl-C; the program decides what it means.
  process.on('SIGINT', () => undefined)
  process.on('SIGTERM', () => child.kill('SIGTERM'))
  child.on('exit', (code) => {
    process.exitCode = code ?? 1
  })
})
