// A worker process for tests: the ward's kinds, on the prefix the test named, with locks that are short.
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import { runChild } from '../run-child.ts'
import { wardCatalog, wardHandlers } from './catalog.ts'

const tag = process.env['K1N_TEST_TAG'] ?? 'k1n'
const kernel = createKernel({
  settings: readSettings(process.env),
  role: 'worker',
  tag,
  bullPrefix: `bull-${tag}`,
})
await runChild(kernel, {
  catalog: wardCatalog,
  handlers: wardHandlers,
  bullmq: { lockDuration: 2_000, stalledInterval: 500 },
})
