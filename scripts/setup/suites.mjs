// The test suites, each with a vitest configuration of its own, and what a run of one came to.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from './run.mjs'

/** In the order they run: what fails fast comes first. Those of one round run side by side where nothing is measured. */
export const suites = [
  { name: 'units', config: 'vitest.config.ts', round: 1 },
  { name: 'journeys', config: 'test/journeys/vitest.config.ts', round: 1 },
  { name: 'browser', config: 'test/dashboard/vitest.config.ts', round: 2 },
  { name: 'faults', config: 'test/faults/vitest.config.ts', round: 3 },
]

/** @typedef {{ passed: number, failed: number, skipped: number, output: string }} Outcome */

/**
 * Runs one suite to its end. A suite that breaks before or beside its tests counts as one failure.
 * @param {string} root the checkout
 * @param {string} node a Node ≥ 24
 * @param {(typeof suites)[number]} suite
 * @param {string[]} args for vitest, such as a filter
 * @param {import('./run.mjs').RunOptions} options
 * @returns {Promise<Outcome>}
 */
export const runSuite = async (root, node, { config }, args, options) => {
  const dir = mkdtempSync(join(tmpdir(), 'k1n-test-'))
  const report = join(dir, 'report.json')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const line = [join('node_modules', 'vitest', 'vitest.mjs'), 'run', '--config', config, '--passWithNoTests']
  const { code, output } = await run(node, [...line, ...reporters, ...args], { ...options, cwd: root })
  const counted = counts(report)
  rmSync(dir, { recursive: true, force: true })
  return { ...counted, failed: counted.failed || (code === 0 ? 0 : 1), output }
}

/**
 * The numbers in vitest's JSON report; zeros when there is none. A file that could not be loaded is one failure.
 * @param {string} file
 */
export const counts = (file) => {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 }
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const broken = report.testResults.filter(
    (/** @type {{ status: string, assertionResults: { status: string }[] }} */ { status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((test) => test.status === 'failed'),
  ).length
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken,
    skipped: report.numPendingTests + (report.numTodoTests ?? 0),
  }
}
