// A process that checks rules until it is killed: Redis, tag of its keys and prefix of BullMQ's are given.
import { createBull } from '../../bullmq/bullmq.ts'
import { readSettings } from '../../kernel/config.ts'
import { createKernel } from '../../kernel/kernel.ts'
import { createServices } from '../../services/services.ts'
import { createChecker } from '../checker.ts'

const [url = '', tag = ''] = process.argv.slice(2)
const kernel = createKernel({
  settings: readSettings({ REDIS_URL: url }),
  role: 'worker',
  tag,
  bullPrefix: `bull-${tag}`,
})
const bull = createBull(kernel)
const services = createServices(kernel, { declared: new Map() })
await createChecker(kernel, { bull, services }, { everyMs: 10, leaseMs: 200 }).start()
