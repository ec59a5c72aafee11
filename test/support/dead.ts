// Dead letters as some worker left them, without running one, and the rooms that sort them.
import type { Bull } from '../../shared/bullmq/bullmq.ts'
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { createRecorder } from '../../shared/recorder/recorder.ts'
import type { Recorder } from '../../shared/recorder/recorder.ts'
import { createOps } from '../../shared/recorder/ops.ts'
import { createRecorderStore } from '../../shared/recorder/store.ts'
import type { Apply } from '../../shared/triage/sweep.ts'
import { createTriage } from '../../shared/triage/triage.ts'
import type { Triage } from '../../shared/triage/triage.ts'
import { test as base } from './rooms.ts'

/** Rooms, and a recorder that records when told to. */
export const test = base.extend<{ triage: Triage; recorder: Recorder }>({
  triage: async ({ kernel, bull }, use) => use(createTriage(kernel, bull)),
  recorder: async ({ kernel, bull }, use) => use(createRecorder(kernel, bull)),
})

export interface Left {
  queue?: string
  id: string
  at: number
  name?: string
  message?: string
  error?: string
  frames?: string[]
  version?: string
  data?: unknown
  /** When the event is told, in place of now; never before the one before it. */
  toldAt?: number
  /** Further fields of the hash. */
  more?: Record<string, string | number>
}

/** Puts dead letters where BullMQ would, without telling anybody. */
export const layDead = async (kernel: Kernel, bull: Bull, ...dead: Left[]): Promise<void> => {
  const pipeline = kernel.redis.pipeline()
  for (const { queue = 'mail', id, at, ...rest } of dead) {
    const keys = bull.keys(queue)
    pipeline.hset(keys.job(id), hashOf(at, rest)).zadd(keys.failed, at, id).hset(keys.meta, 'opts.maxLenEvents', 10_000)
  }
  await pipeline.exec()
}

const hashOf = (at: number, { name = 'mail.send', message = 'boom', error = 'Error', ...left }: Partial<Left>) => ({
  name,
  data: JSON.stringify(left.data ?? { to: 'x' }),
  opts: '{"attempts":3}',
  timestamp: at - 9,
  atm: 3,
  ats: 3,
  processedOn: at - 1,
  finishedOn: at,
  failedReason: message,
  stacktrace: JSON.stringify([
    [`${error}: ${message}`, ...(left.frames ?? []).map((frame) => `    at ${frame}`)].join('\n'),
  ]),
  priority: 0,
  delay: 0,
  ...(left.version === undefined
    ? {}
    : { k1nError: JSON.stringify({ attempt: 3, name: error, class: 'permanent', version: left.version }) }),
  ...left.more,
})

/** Tells of deaths as BullMQ does, so that the recorder sees them happen. */
export const tellDead = async (kernel: Kernel, bull: Bull, ...dead: Left[]): Promise<void> => {
  await layDead(kernel, bull, ...dead)
  for (const { queue = 'mail', id, message = 'boom', toldAt } of dead)
    await kernel.redis.xadd(bull.keys(queue).events, toldAt === undefined ? '*' : `${toldAt}-*`, 'event', 'failed', 'jobId', id, 'failedReason', message, 'prev', 'active') // prettier-ignore
}

/** Applies slices as the recorder that holds the lease does. */
export const applying = (kernel: Kernel): Apply => {
  const store = createRecorderStore(kernel, 10_000)
  return async (collect) => {
    await store.acquire()
    const ops = createOps()
    await collect(ops)
    await store.apply(ops, { stream: 'triage', from: '', to: '' })
    await store.release()
  }
}
