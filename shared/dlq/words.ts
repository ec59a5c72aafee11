// The words other rooms share with dead letters: why a job died, and which dead letters are meant.
import { z } from 'zod'
import { QueueName, cleanText } from '../jobs/words.ts'
import { ErrorClass } from '../retries/words.ts'

export const DeathReason = z.enum(['exhausted', 'permanent', 'timeout', 'poison', 'stalled', 'unknown'])
export type DeathReason = z.output<typeof DeathReason>

export const GroupId = z
  .string()
  .regex(/^[a-z2-7]{16}$|^rest$/, 'must be the id of a group: 16 letters and digits')
  .describe('The id of a group of dead letters.')

const someOf = <Item extends z.ZodType>(item: Item) => z.array(item).min(1).max(20).optional()
const instant = z.iso.datetime({ offset: true })

/** Which dead letters are meant. Members are joined by and, the values of one by or; without members all are. */
export const DlqFilter = z
  .strictObject({
    queue: someOf(QueueName),
    name: someOf(cleanText(1, 128)).describe('Names of jobs.'),
    error_class: someOf(ErrorClass),
    error_name: someOf(cleanText(1, 128)),
    group: someOf(GroupId),
    version: someOf(cleanText(1, 64)).describe('Versions of the workers they died under.'),
    from: instant.optional().describe('Died at or after this.'),
    to: instant.optional().describe('Died before this.'),
    q: cleanText(1, 200).optional().describe('Part of the error message or the job id.'),
  })
  .meta({ id: 'DlqFilter' })
export type DlqFilter = z.output<typeof DlqFilter>

/** Whether a filter lets everything through. */
export const isEmpty = (filter: DlqFilter): boolean => Object.values(filter).every((value) => value === undefined)
