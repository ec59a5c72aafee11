// The words other rooms share with dead letters: which of them are meant.
import { z } from 'zod'
import { ErrorClass } from '../retries/words.ts'
import { QueueName, cleanText } from '../jobs/words.ts'

const some = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(20).optional()

/** Dead letters by what is known of them. Members are joined by "and", the values of one member by "or". */
export const DlqFilter = z
  .strictObject({
    queue: some(QueueName),
    name: some(cleanText(1, 128)),
    error_class: some(ErrorClass),
    error_name: some(cleanText(1, 128)),
    group: some(cleanText(1, 64)).describe('Fingerprints of groups.'),
    version: some(cleanText(1, 128)).describe('Versions of the workers that ran them last.'),
    from: z.iso.datetime({ offset: true }).optional().describe('Died at this time or later.'),
    to: z.iso.datetime({ offset: true }).optional().describe('Died before this time.'),
    q: cleanText(1, 200).optional().describe('Part of the error message or the job id.'),
  })
  .meta({ id: 'DlqFilter' })
export type DlqFilter = z.output<typeof DlqFilter>

/** Whether a filter lets everything through. */
export const isEmpty = (filter: DlqFilter): boolean => Object.values(filter).every((value) => value === undefined)
