// Endpoints as the process that sends to them knows them.
import type { Kernel } from '../kernel/kernel.ts'
import type { Service } from '../kernel/service.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import { createWebhookView } from '../webhooks/view.ts'
import type { WebhookRecord } from '../webhooks/words.ts'

/** Endpoints as they are now: told of changes once started, asked for each time before. */
export const createEndpoints = (kernel: Kernel) => {
  const view = createWebhookView(kernel, createWebhookStore(kernel))
  let isStarted = false
  const service: Service = {
    ...view,
    async start() {
      await view.start()
      isStarted = true
    },
  }
  return {
    service,
    all: () => view.all(),
    async find(id: string): Promise<WebhookRecord | undefined> {
      const known = isStarted ? view.all().get(id) : undefined
      if (known) return known
      await view.fresh()
      return view.all().get(id)
    },
  }
}
