// Tells which jobs of a stretch are meant, reading of each no more than it takes: its hash, then its place, then its payload.
import { byQueue } from '../bullmq/by-queue.ts'
import { parseJson } from '../bullmq/raw-job.ts'
import { readHeld } from '../services/held.ts'
import type { Held } from '../services/held.ts'
import { factsOfAddress, factsOfHash, factsOfJob } from './facts.ts'
import type { Facts } from './facts.ts'
import type { Reading } from './read.ts'
import { stateOf } from './state.ts'
import { WALK_FIELDS } from './walk.ts'
import type { Entry } from './walk.ts'
import type { Meant } from './where.ts'

/** What may still be read of payloads in this call, and what was not. */
export interface Budget {
  bytes: number
  unread: number
}

export interface Settling {
  readonly reading: Reading
  readonly held: ReadonlyMap<string, Held>
  readonly meant: Meant
  readonly budget: Budget
}

/** The facts of each that is meant; undefined for the others. In the order of the entries. */
export const settle = async (settling: Settling, entries: readonly Entry[]): Promise<(Facts | undefined)[]> => {
  const { reading, held, meant } = settling
  const known = entries.map((entry) => factsOf(reading, held, entry))
  const placed = await complete(known, needsPlace(meant), (open) => readPlaces(reading, open))
  const full = await complete(placed, (facts) => meant(facts) === undefined, (open) => readData(settling, open)) // prettier-ignore
  return full.map((facts) => (facts && meant(facts) === true ? facts : undefined))
}

type Known = Facts | undefined

const factsOf = ({ catalog }: Reading, held: ReadonlyMap<string, Held>, { address, job, lies }: Entry): Facts => {
  if (!job) return factsOfAddress(address)
  const state = lies && stateOf({ state: lies, job, score: undefined, readAt: 0 }, held.get(address.queue))
  return factsOfHash(job, state, catalog)
}

/** A job that BullMQ does not have may be one that was cancelled before it ran, or gone. */
const needsPlace =
  (meant: Meant) =>
  (facts: Facts): boolean =>
    facts.state === undefined && (facts.name === undefined ? meant(facts) !== false : meant(facts) === undefined)

const complete = async (
  all: readonly Known[],
  isOpen: (facts: Facts) => boolean,
  read: (open: readonly Facts[]) => Promise<readonly Known[]>,
): Promise<Known[]> => {
  const open = all.filter((facts) => facts !== undefined && isOpen(facts)) as Facts[]
  if (open.length === 0) return [...all]
  const answers = await read(open)
  const found = new Map(open.map((facts, index) => [facts, answers[index]]))
  return all.map((facts) => (facts && found.has(facts) ? found.get(facts) : facts))
}

const readPlaces = async ({ bull, gone, catalog, kernel }: Reading, open: readonly Facts[]): Promise<Known[]> => {
  const addresses = open.map(({ address }) => address)
  const queues = [...new Set(addresses.map(({ queue }) => queue))]
  const [stated, held] = await Promise.all([bull.readStated(addresses, WALK_FIELDS), readHeld(kernel, queues)])
  const missing = addresses.filter((_, index) => !stated[index])
  const records = new Map((await gone.read(missing)).map((record, index) => [missing[index], record]))
  return addresses.map((address, index) => {
    const one = stated[index]
    if (one) return factsOfHash(one.job, stateOf(one, held.get(address.queue)), catalog)
    const record = records.get(address)
    return record && factsOfJob(record, undefined, catalog)
  })
}

/** Payloads of jobs that nothing else decides. One that is too long to be read means that its job is not found, and it is
 *  told so. */
const readData = async ({ reading: { bull }, budget }: Settling, open: readonly Facts[]): Promise<Known[]> => {
  const items = open.map((facts) => ({ queue: facts.address.queue, facts }))
  const payloads = await byQueue(items, (queue, own) => bull.readPayloads(queue, own.map(({ facts }) => facts.address.id))) // prettier-ignore
  return open.map((facts, index) => {
    const { text, isLong } = payloads[index] ?? { text: undefined, isLong: false }
    budget.bytes -= text?.length ?? 0
    if (isLong) budget.unread++
    return isLong ? undefined : { ...facts, payload: { value: parseJson(text) } }
  })
}
