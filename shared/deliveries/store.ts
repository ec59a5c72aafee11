// What Redis knows of deliveries: what is written of them, who stands in line, how endpoints fare, and what is told of it all.
import type { Kernel } from '../kernel/kernel.ts'
import { createEndpointStore } from './endpoint-store.ts'
import { createLineStore } from './line-store.ts'
import { createTelling } from './telling.ts'
import { createWriting } from './writing.ts'

export const createDeliveryStore = (kernel: Kernel) => ({
  ...createWriting(kernel),
  ...createLineStore(kernel),
  ...createEndpointStore(kernel),
  ...createTelling(kernel),
})
export type DeliveryStore = ReturnType<typeof createDeliveryStore>
