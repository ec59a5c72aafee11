// Test support: a process that sends numbered events one after another, each until it is answered, and writes down the answers.
// Arguments: address of Redis, hash tag of the keys, the first number, how many there are in all, the file.
import { appendFileSync } from 'node:fs'
import type { Principal } from '../../auth/contract.ts'
import { readSettings } from '../../kernel/config.ts'
import { createKernel } from '../../kernel/kernel.ts'
import { createInbound } from '../inbound.ts'
import type { React } from '../react.ts'

const [url = '', tag = '', first = '0', count = '0', file = ''] = process.argv.slice(2)
const kernel = createKernel({ settings: readSettings({ REDIS_URL: url }), role: 'producer', tag })
const me: Principal = { kind: 'key', id: 'key_1', name: 'Ada', scopes: ['events:write'], queues: ['*'] }

/** As a schedule does: a job whose id comes from the event, so that it is made once however often this is called. */
const react: React = async ({ id }) => {
  await kernel.redis.incr(kernel.key('test', 'reactions'))
  await kernel.redis.sadd(kernel.key('test', 'jobs'), id)
  return [{ schedule_id: 'bill', task_id: `billing:${id}` }]
}
const inbound = createInbound(kernel, { react })

const send = async (n: number): Promise<void> => {
  for (;;) {
    try {
      const answer = await inbound.publish(me, { event: 'order.placed', id: `order-${n}`, data: { n } }, { hop: 0 })
      appendFileSync(file, JSON.stringify(answer) + '\n')
      return
    } catch {
      await kernel.clock.sleep(20)
    }
  }
}

for (let n = Number(first); n < Number(count); n++) await send(n)
await kernel.close()
