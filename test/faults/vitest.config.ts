// The fault programme: each fault with processes and a Redis of its own.
import { defineConfig } from 'vitest/config'

/** `npm run test:long` runs every fault that is built; `npm test` the short ones. */
const isLong = process.env['K1N_TEST_LONG'] === '1'

export default defineConfig({
  test: {
    include: ['test/faults/**/*.test.ts'],
    exclude: ['**/node_modules/**', ...(isLong ? [] : ['**/*.long.test.ts'])],
    // Faults measure time: nothing runs beside them. The short ones are measured with less care, and two of them keep two cores busy.
    maxWorkers: isLong ? 1 : 2,
    fileParallelism: !isLong,
    testTimeout: 150_000,
    hookTimeout: 30_000,
    // What is waited for comes at once or never; a busy machine is neither.
    expect: { poll: { timeout: 10_000 } },
    env: { TZ: 'UTC' },
  },
})
