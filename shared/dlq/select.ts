// Every dead letter that a filter means, for work on many: in slices, oldest first, as of the moment of asking.
import type { Bull } from '../bullmq/bullmq.ts'
import { oldestFirst } from '../bullmq/oldest.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { ahead } from '../kernel/ahead.ts'
import { heardQueues } from '../triage/heard.ts'
import { createPictures } from '../triage/picture.ts'
import type { Pictures } from '../triage/picture.ts'
import { createGlance } from './glance.ts'
import { rangeOf, there } from './scope.ts'
import type { Selected } from './selected.ts'
import { isNarrow, trailsOf } from './trails.ts'
import type { DlqFilter } from './words.ts'

export interface SelectOptions {
  /** How many at most. */
  limit: number
  /** How long a recorder that lags behind is waited for, before the dead letters themselves are gone through. */
  waitMs?: number | undefined
  signal?: AbortSignal
}

const WAIT_MS = 2_000

export type Select = (filter: DlqFilter, options: SelectOptions) => AsyncIterable<Selected[]>

/** Makes the function that chooses. It answers slices of those that died at or before the call, all of them whatever the
 *  recorder has heard; what dies later is not among them. A slice may be empty, where one looks at many that do not fit.
 *  Cancelled jobs are no dead letters. */
export const createSelect = (kernel: Kernel, bull: Bull): Select => {
  const pictures = createPictures(kernel)
  return (filter, options) => choose({ kernel, bull, pictures }, filter, options, kernel.clock.now() + 1)
}

interface Room {
  kernel: Kernel
  bull: Bull
  pictures: Pictures
}

async function* choose(
  { kernel, bull, pictures }: Room,
  filter: DlqFilter,
  { limit, waitMs = WAIT_MS, signal }: SelectOptions,
  end: number,
): AsyncGenerator<Selected[]> {
  const queues = await there(bull, filter)
  const indexed = await heardQueues(kernel, bull, isNarrow(filter) ? queues : [], { waitMs, signal })
  const picture = await pictures.read()
  const { trails } = trailsOf(kernel, bull, picture, queues, filter, indexed)
  const sources = trails.map(({ source }) => source)
  const glance = createGlance({ kernel, bull, picture, trails, filter })
  const { from, before = end } = rangeOf(filter)
  const range = { from, before: Math.min(before, end) }
  let left = limit
  for await (const found of ahead(oldestFirst(kernel, sources, range, limit), glance)) {
    if (signal?.aborted === true) return
    const slice = found.slice(0, left)
    yield slice
    left -= slice.length
    if (left === 0) return
  }
}
