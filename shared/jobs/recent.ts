// The newest jobs of all queues, by when they were accepted: written by the recorder, read by lists.
import type { Kernel } from '../kernel/kernel.ts'

/** How many are kept. */
export const RECENT_MAX = 100_000

/** ZSET: score = epoch ms of acceptance, member = address. */
export const recentJobsKey = (kernel: Kernel): string => kernel.key('jobs', 'recent')
