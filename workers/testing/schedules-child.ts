// A worker process for the proof of schedules: carries schedules out, and runs what they make.
import { createBull } from '../../shared/bullmq/bullmq.ts'
import { done } from '../../shared/catalog/handler.ts'
import { createCarrying } from '../../shared/schedules/executor.ts'
import { scheduleTick } from '../handlers/schedule-tick.ts'
import { runChild } from '../run-child.ts'
import { childKernel } from './child-kernel.ts'
import { schedulesCatalog } from './schedules.ts'

const kernel = childKernel()
const bull = createBull(kernel)
await runChild(kernel, {
  catalog: schedulesCatalog,
  handlers: {
    'slot.note': () => done(null),
    'load.note': () => done(null),
    'schedule.tick': scheduleTick(createCarrying(kernel, bull, schedulesCatalog)),
  },
  close: () => bull.close(),
})
