// The dashboard in a real browser, served by the real API with real Redis and real workers.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    root: new URL('../..', import.meta.url).pathname,
    include: ['test/dashboard/**/*.test.ts'],
    exclude: process.env['K1N_TEST_LONG'] === '1' ? [] : ['**/*.long.test.ts'],
    testTimeout: 90_000,
    hookTimeout: 90_000,
    fileParallelism: false,
    env: { TZ: 'UTC' },
  },
})
