// What somebody remarked about one death: kept in the job's hash, with the moment of the death it is about.
import { z } from 'zod'
import type { RawJob } from '../bullmq/bullmq.ts'
import { parseJson } from '../bullmq/raw-job.ts'
import type { EntryChange } from './contract.ts'

const Remark = z.object({
  /** The death it is about; of another one it says nothing. */
  at: z.number(),
  note: z.string().nullable(),
  /** Null leaves those of the job. */
  tags: z.array(z.string()).nullable(),
})
export type Remark = z.output<typeof Remark>

/** The remark about the death at that moment. */
export const remarkOf = ({ remark }: Pick<RawJob, 'remark'>, at: number): Remark | undefined => {
  const said = remark === undefined ? undefined : Remark.safeParse(parseJson(remark)).data
  return said?.at === at ? said : undefined
}

/** The remark with a change applied, as it is stored. */
export const remarkText = (before: Remark | undefined, at: number, { note, tags }: EntryChange): string =>
  JSON.stringify({
    at,
    note: note === undefined ? (before?.note ?? null) : note,
    tags: tags === undefined ? (before?.tags ?? null) : tags,
  } satisfies Remark)
