// What work on many dead letters would be about: how many match, some of them, and which services they call.
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { FIELDS_WITH_STACK } from '../bullmq/raw-job.ts'
import { findKind } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import { serviceOf } from '../jobs/service.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { chosen } from './bulk.ts'
import type { BulkParams } from './bulk.ts'
import type { BulkPreview } from './contract.ts'
import { toEntry } from './entry.ts'
import type { Select } from './select.ts'
import type { Selected } from './selected.ts'

const SAMPLE = 10
/** Those that are asked for their services: some of each slice, as causes may follow one another. */
const ASKED = 100
const ASKED_OF_SLICE = 20
/** A request must be answered; what was counted by then is told. */
const COUNT_MS = 2_000
/** What of that goes at most to waiting for a recorder that lags behind. */
const WAIT_MS = 500

interface Room {
  kernel: Kernel
  bull: Bull
  catalog: Catalog
}

export const previewOf = async (
  { kernel, bull, catalog }: Room,
  select: Select,
  asker: Principal,
  { filter, limit }: BulkParams,
): Promise<BulkPreview> => {
  const { signal } = new AbortController()
  const createdAt = kernel.clock.now()
  const first: Selected[] = []
  const asked: Selected[] = []
  let matched = 0
  let complete = true
  const choosing = { asker, createdAt, signal, waitMs: WAIT_MS, least: 1 }
  for await (const slice of chosen(select, { filter, limit }, choosing)) {
    first.push(...slice.slice(0, SAMPLE - first.length))
    asked.push(...spread(slice, ASKED_OF_SLICE).slice(0, ASKED - asked.length))
    matched += slice.length
    if (kernel.clock.now() - createdAt < COUNT_MS) continue
    complete = false
    break
  }
  const [sample, services] = await Promise.all([entriesOf(bull, first), servicesOf(bull, catalog, asked)])
  return { matched, complete: complete && matched < limit, sample, services }
}

/** So many of a list, from its beginning to its end. */
const spread = <Item>(items: readonly Item[], count: number): Item[] => {
  const every = Math.max(1, Math.ceil(items.length / count))
  return items.filter((_, index) => index % every === 0)
}

/** What jobs were told when they were added; without the payload only kinds that always call the same one say more. */
const servicesOf = async (bull: Bull, catalog: Catalog, items: readonly Selected[]): Promise<string[]> => {
  const jobs = await bull.readRaw(items, ['name', 'timestamp', 'opts'])
  const services = jobs.flatMap((job) => {
    const kind = job && findKind(job.name, catalog)
    return (job && (serviceOf(job, kind) ?? kind?.service)) ?? []
  })
  return [...new Set(services)].sort()
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
