// What lies at places along trails: which job each place is of, and which group that is in.
import { byQueue } from '../bullmq/by-queue.ts'
import type { Found } from '../bullmq/newest.ts'
import { scoresOf } from '../bullmq/scores.ts'
import { parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { groupOf } from '../triage/aliases.ts'
import type { Picture } from '../triage/groups.ts'
import { entriesKey } from '../triage/keys.ts'
import type { Pictures } from '../triage/picture.ts'
import { facetOf } from '../triage/place.ts'
import type { Trail } from './trails.ts'

export interface Candidate {
  readonly found: Found
  readonly trail: Trail
  readonly address: Address
}

/** Makes the function that tells what is at places along the trails. */
export const createCandidates = (trails: readonly Trail[]): ((places: readonly Found[]) => Candidate[]) => {
  const bySource = new Map(trails.map((trail) => [trail.source, trail]))
  return (places) =>
    places.flatMap((found): Candidate | [] => {
      const [trail, address] = [bySource.get(found.source), parseAddress(found.address)]
      return trail && address ? { found, trail, address } : []
    })
}

interface Indexed {
  kernel: Kernel
  picture: Picture
}

/** The group of one dead letter; null while the recorder has not seen it. */
export const groupFor = async (kernel: Kernel, pictures: Pictures, address: Address): Promise<string | null> => {
  const places = scoresOf(kernel, entriesKey(kernel, address.queue), [address.id])
  const [{ parts, aliases }, [score]] = await Promise.all([pictures.read(), places])
  if (score === undefined) return null
  const part = parts.find(({ queue, facets }) => queue === address.queue && facets.some(({ no }) => no === facetOf(score))) // prettier-ignore
  return part ? groupOf(aliases, part) : null
}

/** Makes the function that answers which groups they are in, as their trails say, or else the index. */
export const createGroups = (indexed: Indexed) => {
  const read = createGroupReader(indexed)
  return async (candidates: readonly Candidate[]): Promise<(string | undefined)[]> => {
    if (candidates.every(({ trail }) => trail.group !== undefined)) return candidates.map(({ trail }) => trail.group)
    const untold = candidates.map(({ trail, address }) => (trail.group === undefined ? address : undefined))
    const known = await read(untold)
    return candidates.map(({ trail }, index) => trail.group ?? known[index])
  }
}

/** One command for each queue that has an index. */
const createGroupReader = ({ kernel, picture }: Indexed) => {
  const byNumber = new Map<string, string>()
  for (const part of picture.parts)
    for (const { no } of part.facets) byNumber.set(`${no}@${part.queue}`, groupOf(picture.aliases, part))
  const indexed = new Set(picture.parts.map(({ queue }) => queue))
  return async (addresses: readonly (Address | undefined)[]): Promise<(string | undefined)[]> => {
    const asked = addresses.map((address) => (address && indexed.has(address.queue) ? address : undefined))
    const scores = await scoresByQueue(kernel, asked, (queue) => entriesKey(kernel, queue))
    return scores.map((score, index) =>
      score === undefined ? undefined : byNumber.get(`${facetOf(score)}@${addresses[index]?.queue ?? ''}`),
    )
  }
}

/** Where jobs stand in a sorted set of their queue; one command for each queue. */
export const scoresByQueue = async (
  kernel: Kernel,
  addresses: readonly (Address | undefined)[],
  keyOf: (queue: string) => string,
): Promise<(number | undefined)[]> => {
  const asked = addresses.filter((address) => address !== undefined)
  const read = (queue: string, own: readonly Address[]) => scoresOf(kernel, keyOf(queue), own.map(({ id }) => id)) // prettier-ignore
  const scores = (await byQueue(asked, read)).values()
  return addresses.map((address) => (address === undefined ? undefined : scores.next().value))
}
