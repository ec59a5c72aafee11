// listening.import: reads a listening history, cuts it into chunks and tells what came of them.
import { z } from 'zod'
import { kind } from './kind.ts'

const FileName = z
  .string()
  .min(1)
  .max(512)
  .refine((name) => !name.includes('\u0000') && name.isWellFormed(), 'must not hold NUL or broken Unicode')

export const listeningImport = kind({
  name: 'listening.import',
  queue: 'listening',
  summary:
    'Imports a listening history (a JSON array or NDJSON); every play is stored once however often it is imported.',
  payload: z
    .strictObject({
      file: FileName.optional().describe('A file below the directory of imports (`K1N_IMPORT_DIR`).'),
      upload: z
        .string()
        .regex(/^[A-Za-z0-9_-]{1,128}$/, 'must be the id of an upload')
        .optional()
        .describe('The id of an upload, as `POST /api/v2/imports` makes it.'),
      name: z.string().min(1).max(200).optional().describe('What to call the history.'),
    })
    .refine((payload) => (payload.file === undefined) !== (payload.upload === undefined), {
      path: ['file'],
      message: 'give either `file` or `upload`',
    }),
  result: z.object({
    import_id: z.string(),
    records: z.int(),
    accepted: z.int(),
    duplicates: z.int(),
    rejected: z.record(z.string(), z.int()),
    span: z.object({ first: z.string(), last: z.string() }).nullable(),
    top_artists: z.array(z.object({ artist: z.string(), plays: z.int(), ms_played: z.number() })),
    truncated: z.boolean(),
    chunks: z.int().nullable(),
    chunks_stored: z.int(),
  }),
  retry: { attempts: 3 },
  timeoutMs: 600_000,
  concurrency: 4,
})
