// A worker process for tests: the real handlers, on the prefix the test named, with locks that are short.
import { catalog } from '../../shared/catalog/catalog.ts'
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import { createHandlers } from '../handlers/handlers.ts'
import { runChild } from '../run-child.ts'

const tag = process.env['K1N_TEST_TAG'] ?? 'k1n'
const kernel = createKernel({
  settings: readSettings(process.env),
  role: 'worker',
  tag,
  bullPrefix: `bull-${tag}`,
})
await runChild(kernel, { catalog, ...createHandlers(kernel), bullmq: { lockDuration: 2_000, stalledInterval: 500 } })
