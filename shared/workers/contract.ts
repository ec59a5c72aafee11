// Words of worker processes: when one comes and when one goes.
import { z } from 'zod'
import { event } from '../kernel/event.ts'
import { Instant } from '../jobs/words.ts'

const About = z.object({ worker_id: z.string(), queues: z.array(z.string()), host: z.string(), last_seen_at: Instant })
export const WorkerOnline = event('worker.online', 'worker:online', 'A worker process began to take jobs.', About)
export const WorkerOffline = event(
  'worker.offline',
  'worker:offline',
  'A worker process ended.',
  About.extend({
    exit: z.string().describe('How it ended: `stopped`, `exit <code>`, `signal <name>`, `watchdog`, `out of memory`.'),
  }),
)
