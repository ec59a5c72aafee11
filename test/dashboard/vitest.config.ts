// The dashboard in a real browser, served by the real API with real Redis and real workers.
import { defineConfig } from 'vitest/config'

/** `npm run test:long` tests every pair of theme and width, and measures. */
const isLong = process.env['K1N_TEST_LONG'] === '1'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/dashboard/**/*.test.ts'],
    exclude: isLong ? [] : ['**/*.long.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // Files share what was loaded: each has a k1n and a browser of its own.
    isolate: false,
    // What is measured has the machine to itself; elsewhere one browser works while others wait.
    maxWorkers: isLong ? 1 : 3,
    env: { TZ: 'UTC' },
  },
})
