// How everything stood at one moment, and how that is written down: small, as there is one for each minute of a day.
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { z } from 'zod'
import { Alert } from '../alerts/contract.ts'
import { Breaker } from '../breakers/contract.ts'
import { BreakerState } from '../breakers/words.ts'
import { Queue } from '../queues/contract.ts'
import { fromTable, toTable } from './table.ts'
import type { Table } from './table.ts'

export const Moment = z.object({
  /** Epoch milliseconds. */
  at: z.number(),
  /** Worker processes that beat. */
  workers: z.int(),
  /** All queues, without rates: those are counted by the minute and kept longer. */
  queues: z.array(Queue),
  breakers: z.array(Breaker),
  /** Breakers that kept calls from their service. */
  troubled: z.array(
    z.object({
      service: z.string(),
      state: BreakerState,
      since: z.number(),
      forced: z.object({ by: z.string(), reason: z.string() }).nullable(),
      parked: z.number().nullable(),
    }),
  ),
  /** Alerts that fired. */
  alerts: z.array(Alert),
})
export type Moment = z.output<typeof Moment>

interface Written extends Omit<Moment, 'queues' | 'breakers'> {
  queues: Table
  breakers: Table
}

export const writeMoment = ({ queues, breakers, ...rest }: Moment): Buffer =>
  deflateRawSync(JSON.stringify({ ...rest, queues: toTable(queues), breakers: toTable(breakers) } satisfies Written), {
    level: 9,
  })

/** Undefined for what another version of k1n wrote and this one cannot tell. Rows of a table are alike, so one of each is
 *  looked at: of a thousand that takes a tenth of a second. */
export const readMoment = (bytes: Buffer): Moment | undefined => {
  try {
    const written = JSON.parse(inflateRawSync(bytes).toString()) as Written
    const [queues, breakers] = [fromTable(written.queues), fromTable(written.breakers)]
    const moment = { ...written, queues, breakers }
    const one = { ...moment, queues: queues.slice(0, 1), breakers: breakers.slice(0, 1) }
    return Moment.safeParse(one).success ? (moment as unknown as Moment) : undefined
  } catch {
    return undefined
  }
}
