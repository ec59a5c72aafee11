// What `npm run new` makes is right from the start: it compiles, lints, is formatted, and its tests pass.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test as base } from 'vitest'
import { make } from '../new.ts'

const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const left = new Set(['node_modules', '.git', '.k1n', 'coverage', 'dist'])

const things = [
  ['handler', 'report.build'],
  ['endpoint', 'queues.eldest', 'GET', '/queues/:queue/eldest'],
  ['endpoint', 'jobs.family', 'POST', '/jobs/:task_id/family'],
  ['event', 'queue.emptied'],
  ['page', 'slow-jobs'],
  ['room', 'holds'],
] as const

interface Made {
  root: string
  written: string[]
  /** Runs a program of the checkout in the copy; answers its exit code and output as one text. */
  run: (program: string, ...args: string[]) => string
}

const test = base.extend<{ made: Made }>({
  made: [
    async ({}, use) => {
      const root = mkdtempSync(join(tmpdir(), 'k1n-new-'))
      for (const name of readdirSync(checkout).filter((each) => !left.has(each)))
        cpSync(join(checkout, name), join(root, name), {
          recursive: true,
          filter: (path) => !left.has(path.split('/').at(-1) ?? ''),
        })
      symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'))
      const written = new Set<string>()
      for (const thing of things) for (const path of (await make(root, thing)).written) written.add(path)
      const run: Made['run'] = (program, ...args) => {
        const { status, stdout, stderr } = spawnSync(process.execPath, [join('node_modules', program), ...args], {
          cwd: root,
          encoding: 'utf8',
        })
        return status === 0 ? 'ok' : `exit ${String(status)}\n${stdout}\n${stderr}`
      }
      // What is next after making: replies are checked against the document.
      spawnSync(process.execPath, ['scripts/generate.ts'], { cwd: root })
      await use({ root, written: [...written], run })
      rmSync(root, { recursive: true, force: true })
    },
    { scope: 'file' },
  ],
})

const minutes = 60_000

describe('everything that is made', { timeout: 5 * minutes }, () => {
  test('compiles', ({ made }) => {
    expect(made.run('typescript/bin/tsc', '--noEmit')).toBe('ok')
  })
  test('lints', ({ made }) => {
    const of = (ending: string) => made.written.filter((path) => path.endsWith(ending))
    expect(made.run('oxlint/bin/oxlint', ...of('.ts'))).toBe('ok')
    expect(made.run('eslint/bin/eslint.js', '--max-warnings', '0', ...of('.svelte'))).toBe('ok')
  })
  test('is formatted', ({ made }) => {
    expect(made.run('oxfmt/bin/oxfmt', '--check', ...made.written)).toBe('ok')
  })
  test('is a page that compiles', ({ made }) => {
    expect(made.run('svelte-check/bin/svelte-check', '--workspace', 'dashboard', '--tsconfig', './tsconfig.json', '--fail-on-warnings')).toBe('ok') // prettier-ignore
  })
  test('passes its tests', ({ made }) => {
    const tests = made.written.filter((path) => path.endsWith('.test.ts'))
    expect(tests).toHaveLength(things.length + 2)
    expect(made.run('vitest/vitest.mjs', 'run', ...tests)).toBe('ok')
  })
})
