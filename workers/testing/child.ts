// A worker process for tests: the ward's kinds, on the prefix the test named, with locks that are short.
import { runChild } from '../run-child.ts'
import { wardCatalog, wardHandlers } from './catalog.ts'
import { childKernel } from './child-kernel.ts'

const kernel = childKernel()
await runChild(kernel, {
  catalog: wardCatalog,
  handlers: wardHandlers,
  bullmq: { lockDuration: 2_000, stalledInterval: 500 },
})
