// Words of imports: a file goes in, a job comes out.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { Job } from '../jobs/contract.ts'
import { QueueFull } from '../jobs/problems.ts'
import { BodyTooLarge, UnsupportedMediaType } from '../kernel/problems.ts'
import { cleanText } from '../jobs/words.ts'

export const imports = {
  create: endpoint({
    method: 'POST',
    path: '/imports',
    operationId: 'createImport',
    changes: { kind: 'job', id: 'id', log: 'work' },
    summary: 'Upload a listening history and import it',
    description:
      'The body is the export itself, streamed to disk: a JSON array or NDJSON, at most 200 MB. Records that cannot be stored do not stop the rest: the job counts them by reason, and its log names line and reason of the first 100.',
    tags: ['imports'],
    scopes: ['imports:write'],
    stays: () => true,
    bodyLimit: 209_715_200,
    rawBody: { types: ['application/json', 'application/x-ndjson'] },
    query: z.strictObject({ name: cleanText(1, 200).optional().describe('A name for the history.') }),
    replies: { 202: Job },
    problems: [BodyTooLarge, UnsupportedMediaType, QueueFull],
  }),
}
