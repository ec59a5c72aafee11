// The dashboard in a real browser, served by the real API with real Redis and real workers.
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** `npm run test:long` tests every pair of theme and width, and measures. */
const isLong = process.env['K1N_TEST_LONG'] === '1'

/** Files that take a good part of all the time: begun last they would keep one browser busy while the other is done. */
const LONGEST = ['/together.test.ts', '/accessibility.test.ts', '/seen.test.ts']

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLongest = ({ moduleId }: TestSpecification): boolean => LONGEST.some((end) => moduleId.endsWith(end))
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))]
  }
}

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/dashboard/**/*.test.ts'],
    exclude: isLong ? [] : ['**/*.long.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // What is waited for comes at once or never; a busy machine is neither.
    expect: { poll: { timeout: 10_000 } },
    // Files share what was loaded: each has a k1n and a browser of its own.
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // What is measured has the machine to itself; elsewhere two browsers keep two cores busy.
    maxWorkers: isLong ? 1 : 2,
    env: { TZ: 'UTC' },
  },
})
