// Orders from outside to whoever runs a job: by publish and subscribe, heard by all processes, obeyed by the one that has it.
import { z } from 'zod'
import type { Address } from '../shared/kernel/ids.ts'
import type { Kernel } from '../shared/kernel/kernel.ts'
import type { Service } from '../shared/kernel/service.ts'

export const controlChannel = (kernel: Kernel): string => kernel.key('control')

export const Order = z.object({
  op: z.literal('cancel'),
  queue: z.string(),
  id: z.string(),
  reason: z.string().nullish(),
})
export type Order = z.output<typeof Order>

/** Hears orders. `start` resolves when none can be missed any more; while Redis is away none are heard. */
export const createControl = (kernel: Kernel, cancel: (address: Address, reason: string) => boolean): Service => {
  const redis = kernel.connect('worker', 'k1n-control')
  const obey = (message: string): void => {
    const order = Order.safeParse(parseJson(message))
    if (!order.success) return kernel.log.warn('an order makes no sense', { message: message.slice(0, 200) })
    const { queue, id, reason } = order.data
    if (cancel({ queue, id }, reason ?? 'cancelled')) kernel.log.info('a running job was cancelled', { queue, id })
  }
  return {
    name: 'control',
    async start() {
      redis.on('message', (_channel, message) => obey(message))
      await redis.subscribe(controlChannel(kernel))
    },
    async stop() {
      redis.disconnect()
    },
  }
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
