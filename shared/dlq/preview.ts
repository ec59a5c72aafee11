// What work on many dead letters would be about: how many match, and some of them.
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { FIELDS_WITH_STACK } from '../bullmq/raw-job.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { chosen } from './bulk.ts'
import type { BulkParams } from './bulk.ts'
import type { BulkPreview } from './contract.ts'
import { toEntry } from './entry.ts'
import type { Select, Selected } from './select.ts'

const SAMPLE = 10
/** A request must be answered; what was counted by then is told. */
const COUNT_MS = 2_000

export const previewOf = async (
  { kernel, bull }: { kernel: Kernel; bull: Bull },
  select: Select,
  asker: Principal,
  { filter, limit }: BulkParams,
): Promise<BulkPreview> => {
  const { signal } = new AbortController()
  const createdAt = kernel.clock.now()
  const first: Selected[] = []
  let matched = 0
  let complete = true
  for await (const slice of chosen(select, { filter, limit }, { asker, createdAt, signal })) {
    first.push(...slice.slice(0, SAMPLE - first.length))
    matched += slice.length
    if (kernel.clock.now() - createdAt < COUNT_MS) continue
    complete = false
    break
  }
  return { matched, complete: complete && matched < limit, sample: await entriesOf(bull, first) }
}

const entriesOf = async (bull: Bull, items: readonly Selected[]): Promise<BulkPreview['sample']> => {
  const jobs = await bull.readRaw(items, FIELDS_WITH_STACK)
  return items.flatMap(({ diedAt, group = null }, index) => {
    const job = jobs[index]
    if (!job) return []
    const entry = toEntry(job, diedAt, group)
    const { stack: _stack, ...error } = entry.error
    return [{ ...entry, error }]
  })
}
