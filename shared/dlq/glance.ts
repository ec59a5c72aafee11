// Choosing dead letters along trails by as little of each as their filter needs.
import { byQueue } from '../bullmq/by-queue.ts'
import type { Found } from '../bullmq/newest.ts'
import type { Address } from '../kernel/ids.ts'
import { createCandidates, createGroups, scoresByQueue } from './candidates.ts'
import type { Candidate } from './candidates.ts'
import { diedAtOf } from './id.ts'
import { createLook } from './look.ts'
import type { Looking } from './look.ts'
import { fieldsFor } from './match.ts'
import type { Selected } from './selected.ts'

type Glancing = Omit<Looking, 'fields' | 'data' | 'budget'>
type Glance = (places: readonly Found[]) => Promise<Selected[]>

/** Makes the function that answers those of some places that are meant, in their order. */
export const createGlance = (glancing: Glancing): Glance =>
  isToldByName(glancing) ? glanceAtNames(glancing) : glanceAtAll(glancing)

/** Whether their trails and names say all that the filter asks. */
const isToldByName = ({ trails, filter: { error_class, error_name, group, version, q } }: Glancing): boolean =>
  trails.every(({ look }) => look === 'nothing') ||
  [error_class, error_name, group, version, q].every((member) => member === undefined)

/** Of those that the index names the failed set says whether they still lie there. Of the others, and of those that lie at
 *  another place than the index says, Redis reads the name and the moment of death, and nothing else is read of any. */
const glanceAtNames = (glancing: Glancing): Glance => {
  const candidatesAt = createCandidates(glancing.trails)
  const [groups, places, moments] = [createGroups(glancing), createPlaces(glancing), createMoments(glancing)]
  return async (found) => {
    const candidates = candidatesAt(found)
    const [scores, known] = await Promise.all([places(candidates), groups(candidates)])
    const isTold = candidates.map((candidate, index) => isIndexed(candidate) && scores[index] === candidate.found.at)
    const others = candidates.flatMap(({ address }, index) => (isTold[index] === true ? [] : address))
    const died = (await moments(others)).values()
    return candidates.flatMap((candidate, index) =>
      isTold[index] === true
        ? toSelected(candidate.address, candidate.found.at, known[index])
        : selected(candidate, died.next().value, known[index]),
    )
  }
}

const isIndexed = ({ found }: Candidate): boolean => found.source.base !== undefined

/** Makes the function that says where those of the index lie in their failed sets. */
const createPlaces =
  ({ kernel, bull }: Glancing) =>
  (candidates: readonly Candidate[]) => {
    const asked = candidates.map((candidate) => (isIndexed(candidate) ? candidate.address : undefined))
    return scoresByQueue(kernel, asked, (queue) => bull.keys(queue).failed)
  }

type Moment = number | 'unknown' | undefined

/** Makes the function that reads when some died. */
const createMoments = ({ bull, trails, filter }: Glancing) => {
  const names = trails.every(({ look }) => look === 'nothing') ? undefined : filter.name
  const isUnsure = trails.some(({ source }) => source.base !== undefined)
  const read = (queue: string, own: readonly Address[]): Promise<Moment[]> =>
    bull.readLying(
      queue,
      own.map(({ id }) => id),
      { names, isUnsure },
    )
  return (addresses: readonly Address[]): Promise<Moment[]> => byQueue(addresses, read)
}

/** What the index says may be some seconds old: one that died again since then is another one. */
const selected = ({ found, address }: Candidate, moment: Moment, group: string | undefined): Selected | [] => {
  if (moment === undefined) return []
  if (found.source.base !== undefined && moment !== found.at) return []
  const diedAt = moment === 'unknown' ? diedAtOf(undefined, found.at) : moment
  return toSelected(address, diedAt, group)
}

const glanceAtAll = (glancing: Glancing): Glance => {
  const look = createLook({ ...glancing, fields: fieldsFor(glancing.filter) })
  return async (places) =>
    (await look(places)).flatMap(({ dead }) => (dead ? toSelected(dead.job, dead.diedAt, dead.group ?? undefined) : []))
}

const toSelected = ({ queue, id }: Pick<Selected, 'queue' | 'id'>, diedAt: number, group?: string): Selected =>
  group === undefined ? { queue, id, diedAt } : { queue, id, diedAt, group }
