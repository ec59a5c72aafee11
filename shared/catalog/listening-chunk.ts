// listening.chunk: one byte range of a listening history; made by listening.import.
import { z } from 'zod'
import { kind } from './kind.ts'

const count = z.int().min(0)

export const listeningChunk = kind({
  name: 'listening.chunk',
  queue: 'listening-chunks',
  summary: 'Judges and stores one chunk of a listening history. Made by `listening.import`, not meant to be enqueued.',
  payload: z.strictObject({
    import_id: z.string().min(1).max(512),
    source: z.strictObject({ file: z.string().optional(), upload: z.string().optional() }),
    format: z.enum(['array', 'ndjson']),
    index: count,
    from: count,
    to: count,
    first_line: count,
    first_record: count,
    records: count,
    cut: z.boolean(),
    oversize: z.boolean(),
    chunks_total: count.describe('Of the whole import, for its progress.'),
  }),
  result: z.object({
    records: z.int(),
    accepted: z.int(),
    duplicates: z.int(),
    rejected: z.record(z.string(), z.int()),
  }),
  retry: { attempts: 5, backoff: { delay_ms: 500, max_ms: 30_000 } },
  timeoutMs: 120_000,
  // SQLite takes one writer at a time; two keep it busy while the other reads its file.
  concurrency: 2,
})
