// A supervisor for tests that is to be killed: says which processes it started.
import { readSettings } from '../../shared/kernel/config.ts'
import { createKernel } from '../../shared/kernel/kernel.ts'
import { createSupervisor } from '../supervisor.ts'

const tag = process.env['K1N_TEST_TAG'] ?? 'k1n'
const kernel = createKernel({
  settings: readSettings(process.env),
  role: 'worker',
  tag,
  bullPrefix: `bull-${tag}`,
})
const supervisor = createSupervisor(kernel, { workers: 2, worker: new URL('./child.ts', import.meta.url) })
await supervisor.start()
process.send?.({ type: 'ready', pids: supervisor.workers().map(({ pid }) => pid) })
