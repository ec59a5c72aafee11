// What a fact goes back to: how often that went through k1n, and by way of which schedules. Of events from outside their senders
// say it, of facts about jobs the job does.
import { z } from 'zod'
import { mayBeChild } from '../attempts/child-id.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { memberAt } from '../kernel/data-filter.ts'
import { parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import { setOffOf } from '../schedules/run-id.ts'
import type { LogEntry } from './log.ts'

export interface Origin {
  readonly hop: number
  /** Schedules that led to it, in their order; one that is about to be set off by it and is among them would go in a circle. */
  readonly via: readonly string[]
}

/** A fact with its data, where that could be read. */
export interface Said {
  readonly sent?: LogEntry['sent'] | undefined
  readonly data: unknown
}

export type OriginOf = (fact: Said) => Origin

const NOWHERE: Origin = { hop: 0, via: [] }

/** Reads what jobs say that these facts are about, in one call of Redis for each queue, and in none where no fact is about a job that
 *  an event may have set off. */
export const originsOf = async (bull: Pick<Bull, 'readRaw'>, facts: readonly Said[]): Promise<OriginOf> => {
  const tasks = new Map(facts.map(markedTask).filter((task) => task !== undefined))
  const jobs = tasks.size === 0 ? [] : await bull.readRaw([...tasks.values()], ['name', 'timestamp', 'opts'])
  const told = new Map([...tasks.keys()].map((task, index) => [task, kept(jobs[index]?.opts)]))
  return (each) => {
    if (each.sent !== undefined) return { hop: each.sent.hop, via: [] }
    const [task = '', address] = markedTask(each) ?? []
    return address === undefined ? NOWHERE : (told.get(task) ?? byId(address))
  }
}

/** The job that a fact of k1n is about, if it may go back to an event. */
const markedTask = ({ sent, data }: Said): [task: string, address: Address] | undefined => {
  const task = sent === undefined ? memberAt(data, 'task_id') : undefined
  const address = typeof task === 'string' ? parseAddress(task) : undefined
  if (typeof task !== 'string' || address === undefined) return undefined
  return setOffOf(address.id) !== undefined || mayBeChild(address.id) ? [task, address] : undefined
}

/** Of a job that is gone its id still tells whose it was. */
const byId = ({ id }: Address): Origin => {
  const run = setOffOf(id)
  return run === undefined ? NOWHERE : { hop: run.hop, via: [run.scheduleId] }
}

const Kept = z.object({
  k1n: z.object({ hop: z.int().min(1).max(1_000), via: z.array(z.string()).max(100).default([]) }),
})

const kept = (opts: unknown): Origin | undefined => Kept.safeParse(opts).data?.k1n
