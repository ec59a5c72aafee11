// Where events in are kept: what was sent in the last day, the sources, and what came through each.
import type { Kernel } from '../kernel/kernel.ts'

/** How long an event's id is remembered, in ms. */
export const REMEMBERED_MS = 86_400_000
/** How long the figures of a source outlive the last delivery, in ms. */
export const FIGURES_MS = 90 * 86_400_000

/** Entries of the index of what came from outside, give or take. */
export const INDEXED_MAX = 100_000

/** Where in the log what came from outside stands, with its head and without its data. */
export const indexKey = (kernel: Kernel): string => kernel.key('inbound', 'index')
export const recordKey = (kernel: Kernel, eventId: string): string => kernel.key('inbound', 'event', eventId)
export const signedKey = (kernel: Kernel, sourceId: string, signed: string): string =>
  kernel.key('inbound', 'signed', sourceId, signed)
export const figuresKey = (kernel: Kernel, sourceId: string): string => kernel.key('inbound', 'figures', sourceId)
export const sourcesKey = (kernel: Kernel): string => kernel.key('inbound', 'sources')
export const revisionKey = (kernel: Kernel): string => kernel.key('inbound', 'revision')
