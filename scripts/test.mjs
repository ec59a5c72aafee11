// Proves what the project promises on this machine: brings what is missing, then runs checks and suites in order.
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './setup/bundle.mjs'
import { checkArguments, checks } from './setup/checks.mjs'
import { chromium } from './setup/chromium.mjs'
import { node24 } from './setup/node24.mjs'
import { packages } from './setup/packages.mjs'
import { chooseRedis, ownRedis } from './setup/redis.mjs'
import { run } from './setup/run.mjs'
import { orExplain } from './setup/say.mjs'
import { runSuite, suites } from './setup/suites.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const isLong = process.argv.includes('--long')
const filter = process.argv.slice(2).filter((arg) => arg !== '--long')
const abort = new AbortController()

/** Tests see none of the settings a person may have for their own k1n. */
const testEnvironment = (/** @type {string} */ node, /** @type {string} */ chrome) => {
  const isOurs = (/** @type {string} */ name) => name === 'REDIS_URL' || name === 'PORT' || name === 'HOST'
  const others = Object.entries(process.env).filter(
    ([name]) => !isOurs(name) && (!name.startsWith('K1N_') || name.startsWith('K1N_TEST_')),
  )
  return {
    ...Object.fromEntries(others),
    ...(isLong ? { K1N_TEST_LONG: '1' } : {}),
    CHROME_PATH: chrome,
    // Hundreds of processes are started from the same sources: each takes what the first one made of them.
    NODE_COMPILE_CACHE: join(root, 'node_modules', '.cache', 'k1n', 'compiled'),
    NO_COLOR: '1',
    FORCE_COLOR: undefined,
    PATH: [dirname(node), process.env['PATH']].join(delimiter),
  }
}

/**
 * One line for a piece of work, and all of its output when something in it failed.
 * @param {string} name
 * @param {() => Promise<import('./setup/suites.mjs').Outcome>} work
 */
const line = async (name, work) => {
  const since = Date.now()
  const outcome = await work()
  const { passed, failed, skipped, output } = outcome
  const words = [
    `${passed} passed`,
    ...(failed ? [`${failed} failed`] : []),
    ...(skipped ? [`${skipped} skipped`] : []),
  ]
  const took = ((Date.now() - since) / 1000).toFixed(1)
  process.stdout.write(`  ${name.padEnd(10)} ${words.join(', ')} (${took} s)\n`)
  if (failed) process.stdout.write(`\n${output}\n`)
  return outcome
}

const check = (/** @type {string} */ node, /** @type {NodeJS.ProcessEnv} */ env) =>
  checks.map(
    (one) => () =>
      line(one.name, async () => {
        const { code, output } = await run(node, checkArguments(one), { cwd: root, env, signal: abort.signal })
        return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, output }
      }),
  )

const test = (/** @type {string} */ node, /** @type {NodeJS.ProcessEnv} */ env) =>
  suites
    .filter(({ config }) => existsSync(join(root, config)))
    .map((suite) => ({
      round: suite.round,
      run: () => line(suite.name, () => runSuite(root, node, suite, filter, { env, signal: abort.signal })),
    }))

/**
 * Runs pieces one after another and adds up what they came to.
 * @param {(() => Promise<import('./setup/suites.mjs').Outcome>)[]} pieces
 */
const inTurn = async (pieces) => {
  const total = { passed: 0, failed: 0 }
  for (const piece of pieces) {
    const { passed, failed } = await piece()
    total.passed += passed
    total.failed += failed
  }
  return total
}

/**
 * With a filter only the tests that match run; without one everything does. What reads the code and
 * journeys, which mostly wait, run beside the units; the browser, and faults, whose times count, have the machine to themselves.
 * @param {string} node
 * @param {NodeJS.ProcessEnv} env
 */
const all = async (node, env) => {
  const tests = test(node, env)
  const checking = inTurn(filter.length > 0 ? [] : check(node, env))
  process.stdout.write('\n  Each line comes when its part is done; all of them take some minutes.\n')
  const rounds = isLong
    ? tests.map((one) => [one])
    : [1, 2, 3].map((round) => tests.filter((one) => one.round === round))
  const totals = []
  for (const round of rounds) totals.push(...(await Promise.all(round.map(({ run }) => run()))))
  totals.push(await checking)
  return {
    passed: totals.reduce((sum, { passed }) => sum + passed, 0),
    failed: totals.reduce((sum, { failed }) => sum + failed, 0),
  }
}

for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => {
    abort.abort()
    process.exit(130)
  })

await orExplain(async () => {
  await packages(root)
  const node = await node24(root)
  await bundle(root, node)
  const { kind } = await chooseRedis('K1N_TEST_REDIS_URL')
  // Tests that break a Redis need one of their own beside the one that is named.
  if (kind === 'url') await ownRedis()
  const env = testEnvironment(node, await chromium())
  const { passed, failed } = await all(node, env)
  if (passed + failed === 0) process.stdout.write(`\nNo test matches ${filter.join(' ')}.\n`)
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
  process.exitCode = failed > 0 || passed === 0 ? 1 : 0
})
