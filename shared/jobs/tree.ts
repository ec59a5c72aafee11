// The jobs below a job: those it waits for or waited for, those below them, and so on, a bounded number of all.
import type { Principal } from '../auth/contract.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Job, JobTree } from './contract.ts'
import { JobMissing } from './problems.ts'
import { readJobs } from './read.ts'
import type { Reading } from './read.ts'

/** Jobs of one answer, the root among them. */
export const TREE_MAX = 200

type Node = JobTree['data'][number]

const nodeOf = (id: string, above: Node | undefined, job: Job | undefined): Node => ({
  id,
  parent: above?.id ?? null,
  depth: above === undefined ? 0 : above.depth + 1,
  name: job?.name ?? null,
  state: job?.state ?? null,
  created_at: job?.created_at ?? null,
  finished_at: job?.finished_at ?? null,
  children: 0,
})

const byAge = (one: Node, other: Node): number =>
  (one.created_at ?? '').localeCompare(other.created_at ?? '') || one.id.localeCompare(other.id)

/** The nodes of a tree, each right before those below it, siblings by age. */
const inOrder = (root: Node, below: ReadonlyMap<string, Node[]>): Node[] => [
  root,
  ...(below.get(root.id) ?? []).sort(byAge).flatMap((node) => inOrder(node, below)),
]

/** Reads level by level, so that what is near is told before what is far. Problem: `task-not-found`. */
export const readTree = async (
  reading: Reading,
  principal: Principal,
  address: Address,
  depth: number,
): Promise<JobTree> => {
  const id = formatAddress(address)
  const [job] = await readJobs(reading, [address])
  if (!job) throw JobMissing(`There is no job ${id}, or it was removed.`)
  const root = nodeOf(id, undefined, job)
  const below = new Map<string, Node[]>()
  const known = new Set([id])
  let truncated = false
  /** Those below some nodes, as far as there is room for them. */
  const descend = async (above: readonly Node[]): Promise<Node[]> => {
    const room = TREE_MAX - known.size
    const found = await Promise.all(above.map((node) => reading.bull.childKeys(mustParse(node.id), room + 1)))
    const wanted = above.flatMap((node, at) => {
      node.children = found[at]?.total ?? 0
      return (found[at]?.some ?? []).map((child) => ({ node, child }))
    })
    // Whoever is below two is told below the first: told twice, what is below it would be told four times.
    const met = new Set(known)
    const seen = wanted.filter(({ child }) => {
      const name = formatAddress(child)
      return !met.has(name) && met.add(name) && allowsQueue(principal, child.queue)
    })
    truncated ||= seen.length > room || above.some((node, at) => node.children > (found[at]?.some.length ?? 0))
    const taken = seen.slice(0, room)
    for (const { child } of taken) known.add(formatAddress(child))
    const jobs = await readJobs(
      reading,
      taken.map(({ child }) => child),
    )
    return taken.map(({ node, child }, at) => {
      const made = nodeOf(formatAddress(child), node, jobs[at])
      below.set(node.id, [...(below.get(node.id) ?? []), made])
      return made
    })
  }
  let level: Node[] = [root]
  for (let at = 0; at < depth && level.length > 0; at++) level = await descend(level)
  // Of those at the end it is told only whether there is more below them.
  const ends = await Promise.all(level.map((node) => reading.bull.childKeys(mustParse(node.id), 1)))
  for (const [at, node] of level.entries()) node.children = ends[at]?.total ?? 0
  truncated ||= level.some(({ children }) => children > 0)
  return { data: inOrder(root, below), truncated }
}

const mustParse = (id: string): Address => {
  const address = parseAddress(id)
  if (!address) throw new Error(`${id} is no address`)
  return address
}
