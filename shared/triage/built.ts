// How far the index of each queue is made, and whether it can be asked already.
import { z } from 'zod'
import type { Kernel } from '../kernel/kernel.ts'
import type { IndexOps } from './dead-index.ts'
import { FINGERPRINT_VERSION } from './fingerprint.ts'
import { builtKey } from './keys.ts'

/** Goes up when what is stored changes its form or meaning: every queue's index is made anew then. */
const FORM = 1
export const INDEX_VERSION = `${FORM}.${FINGERPRINT_VERSION}`

export const Built = z.object({
  version: z.string(),
  /** `wanted`: to be made from nothing. The next three are the steps of making and of mending. */
  phase: z.enum(['wanted', 'adding', 'removing', 'counting', 'ready']),
  /** Whether it holds everything but what changed unseen; stays true while it is mended. */
  usable: z.boolean(),
  /** Entries of the failed set looked at, of how many. */
  done: z.int(),
  total: z.int(),
  /** Where adding stands: a score of the failed set, and how many of that score are behind. */
  at: z.string(),
  skip: z.int(),
  /** Where removing stands: a cursor of ZSCAN. */
  scan: z.string(),
})
export type Built = z.output<typeof Built>

export const wanted: Built = {
  version: INDEX_VERSION,
  phase: 'wanted',
  usable: false,
  done: 0,
  total: 0,
  at: '-inf',
  skip: 0,
  scan: '0',
}

/** What is stored of a queue; an index of another version is as good as none. */
export const parseBuilt = (text: string | null | undefined): Built => {
  if (text === null || text === undefined) return wanted
  const built = Built.safeParse(JSON.parse(text)).data
  return built?.version === INDEX_VERSION ? built : wanted
}

/** What is stored of a queue, and the text it was stored as, to change it only from there. */
export type Told = Built & { readonly was: string }

export const readBuilt = async (kernel: Kernel, queue: string): Promise<Told> => {
  const text = await kernel.redis.hget(builtKey(kernel), queue)
  return { ...parseBuilt(text), was: text ?? '' }
}

/** Where a queue stands now, from where it stood: whoever asked for a new index meanwhile is not passed over. */
export const say = (kernel: Kernel, ops: Pick<IndexOps, 'swap'>, queue: string, { was }: Told, built: Built): void =>
  ops.swap(builtKey(kernel), queue, was, JSON.stringify(Built.parse(built)), () => undefined)

/** All queues that have an index, or had one. */
export const readAllBuilt = async (kernel: Kernel): Promise<Map<string, Built>> => {
  const stored = await kernel.redis.hgetall(builtKey(kernel))
  return new Map(Object.entries(stored).map(([queue, text]) => [queue, parseBuilt(text)]))
}
