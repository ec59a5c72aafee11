// Unit and endpoint tests: parallel files on one real Redis, each test under a prefix of its own.
import { defineConfig } from 'vitest/config'

/** `npm run test:long` runs the long tests too. */
const isLong = process.env['K1N_TEST_LONG'] === '1'

export default defineConfig({
  test: {
    include: [
      'shared/**/*.test.ts',
      'api/**/*.test.ts',
      'workers/**/*.test.ts',
      'scripts/**/*.test.ts',
      'dashboard/**/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: [
      '**/node_modules/**',
      ...(isLong ? [] : ['**/*.long.test.ts']),
      'test/dashboard/**',
      'test/faults/**',
      'test/journeys/**',
    ],
    globalSetup: ['test/support/redis-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 20_000,
    // What is waited for comes at once or never; a busy machine is neither.
    expect: { poll: { timeout: 10_000 } },
    // One worker for each core: what the tests wait for is Redis, which leaves a core idle.
    maxWorkers: 2,
    // Files share what was loaded: loading it for each took as long as the tests. So a test undoes what it does to modules.
    isolate: false,
    env: { TZ: 'UTC' },
  },
})
