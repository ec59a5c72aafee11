// The fault programme: one fault at a time, each with processes and a Redis of its own.
import { defineConfig } from 'vitest/config'

/** `npm run test:long` runs every fault that is built; `npm test` the short ones. */
const isLong = process.env['K1N_TEST_LONG'] === '1'

export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(isLong ? [] : ['**/*.long.test.ts'])],
    // Faults measure time: nothing runs beside them.
    fileParallelism: false,
    testTimeout: 150_000,
    hookTimeout: 30_000,
    env: { TZ: 'UTC' },
  },
})
