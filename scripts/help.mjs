// Lists every `npm run` script with the first line of its file.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** @type {{ scripts: Record<string, string> }} */
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** What a script is about: the opening comment of the file it runs, else the command itself. */
const about = (/** @type {string} */ command) => {
  const [, file = '', rest = ''] =
    /(?:scripts\/run\.mjs )?(scripts\/\S+\.(?:mjs|ts)|\S+\/main\.ts)(.*)$/.exec(command) ?? []
  const comment =
    existsSync(join(root, file)) && file ? /^\/\/ (.*)$/m.exec(readFileSync(join(root, file), 'utf8')) : null
  return comment ? `${comment[1]?.replace(/^npm run [\w:-]+: /, '')}${rest && ` (with${rest})`}` : command
}

const width = Math.max(...Object.keys(scripts).map((name) => name.length))
for (const [name, command] of Object.entries(scripts)) {
  const call = name === 'start' || name === 'test' ? `npm ${name}` : `npm run ${name}`
  process.stdout.write(`  ${call.padEnd(width + 8)}  ${about(command)}\n`)
}
