// How deliveries fare altogether, as figures that can be asked for every few seconds.
import type { Kernel } from '../kernel/kernel.ts'
import { createWebhookStore } from '../webhooks/store.ts'
import { createWebhookView } from '../webhooks/view.ts'
import { createDeliveryStore } from './store.ts'

export interface FleetFigures {
  endpoints: { well: number; failing: number; disabled: number }
  /** Deliveries that are to be sent. */
  waiting: number
  /** In the running hour and the one before. */
  attempts: { arrived: number; failed: number }
}

/** Endpoints that are asked about; the figures are of these. */
const ASKED_MAX = 1_000

/** Keeps what it knows of endpoints, so that asking again asks for what changed. */
export const createFleetFigures = (kernel: Kernel): (() => Promise<FleetFigures>) => {
  const view = createWebhookView(kernel, createWebhookStore(kernel))
  const store = createDeliveryStore(kernel)
  return async () => {
    await view.fresh()
    const all = [...view.all().values()]
    const ids = all.flatMap(({ id, enabled }) => (enabled ? id : [])).slice(0, ASKED_MAX)
    const healths = ids.length === 0 ? [] : await store.healths(ids)
    const made = healths.reduce((sum, { widths }) => sum + totalOf(widths), 0)
    const arrived = healths.reduce((sum, health) => sum + health.arrived, 0)
    const failing = healths.filter(({ failures }) => failures > 0).length
    return {
      endpoints: {
        well: healths.length - failing,
        failing,
        disabled: all.filter(({ enabled }) => !enabled).length,
      },
      waiting: healths.reduce((sum, { backlog }) => sum + backlog, 0),
      attempts: { arrived, failed: made - arrived },
    }
  }
}

const totalOf = (widths: ReadonlyMap<number, number>): number =>
  [...widths.values()].reduce((sum, count) => sum + count, 0)
