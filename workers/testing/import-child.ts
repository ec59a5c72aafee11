// A worker process for tests: the real handlers, on the prefix the test named, with locks that are short.
import { catalog } from '../../shared/catalog/catalog.ts'
import { createHandlers } from '../handlers/handlers.ts'
import { runChild } from '../run-child.ts'
import { childKernel } from './child-kernel.ts'

const kernel = childKernel()
await runChild(kernel, { catalog, ...createHandlers(kernel), bullmq: { lockDuration: 2_000, stalledInterval: 500 } })
