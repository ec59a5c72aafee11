// Choosing dead letters along trails by as little of each as their filter needs.
import { byQueue } from '../bullmq/by-queue.ts'
import type { Found } from '../bullmq/newest.ts'
import { createCandidates, createGroups } from './candidates.ts'
import type { Candidate } from './candidates.ts'
import { diedAtOf } from './id.ts'
import { createLook } from './look.ts'
import type { Looking } from './look.ts'
import { fieldsFor } from './match.ts'
import type { Selected } from './select.ts'

type Glancing = Omit<Looking, 'fields' | 'data' | 'budget'>
type Glance = (places: readonly Found[]) => Promise<Selected[]>

/** Makes the function that answers those of some places that are meant, in their order. */
export const createGlance = (glancing: Glancing): Glance =>
  isToldByName(glancing) ? glanceAtNames(glancing) : glanceAtAll(glancing)

/** Whether their trails and names say all that the filter asks. */
const isToldByName = ({ trails, filter: { error_class, error_name, group, version, q } }: Glancing): boolean =>
  trails.every(({ look }) => look === 'nothing') ||
  [error_class, error_name, group, version, q].every((member) => member === undefined)

/** Redis itself says which lie there under a name that is meant, and nothing else of them is read. */
const glanceAtNames = (glancing: Glancing): Glance => {
  const { bull, trails, filter } = glancing
  const candidatesAt = createCandidates(trails)
  const groups = createGroups(glancing)
  const names = trails.every(({ look }) => look === 'nothing') ? undefined : filter.name
  const isUnsure = trails.some(({ source }) => source.base !== undefined)
  const read = (queue: string, own: readonly { readonly id: string }[]) =>
    bull.readLying(
      queue,
      own.map(({ id }) => id),
      { names, isUnsure },
    )
  return async (places) => {
    const candidates = candidatesAt(places)
    const addresses = candidates.map(({ address }) => address)
    const [moments, known] = await Promise.all([byQueue(addresses, read), groups(candidates)])
    return candidates.flatMap((candidate, index) => selected(candidate, moments[index], known[index]))
  }
}

/** What the index says may be some seconds old: one that died again since then is another one. */
const selected = (
  { found, address }: Candidate,
  moment: number | 'unknown' | undefined,
  group: string | undefined,
): Selected | [] => {
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
