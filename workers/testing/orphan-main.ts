// A supervisor for tests that is to be killed: says which processes it started.
import { createSupervisor } from '../supervisor.ts'
import { childKernel } from './child-kernel.ts'

const kernel = childKernel()
const supervisor = createSupervisor(kernel, { workers: 2, worker: new URL('./child.ts', import.meta.url) })
await supervisor.start()
process.send?.({ type: 'ready', pids: supervisor.workers().map(({ pid }) => pid) })
