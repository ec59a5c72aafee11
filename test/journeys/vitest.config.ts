// Journeys: the real processes, started and used as people start and use them.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/journeys/**/*.test.ts'],
    exclude: process.env['K1N_TEST_LONG'] === '1' ? [] : ['**/*.long.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    // What is waited for comes at once or never; a busy machine is neither.
    expect: { poll: { timeout: 10_000 } },
    fileParallelism: false,
    env: { TZ: 'UTC' },
  },
})
