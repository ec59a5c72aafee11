// Searching jobs: a walk along one way, keeping those that are meant, with a bounded look per call.
import type { Principal } from '../auth/contract.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { InsufficientScope, ValidationFailed } from '../kernel/problems.ts'
import { pointer } from '../kernel/mistakes.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Job } from './contract.ts'
import { factsOfJob } from './facts.ts'
import type { Facts } from './facts.ts'
import { createIndexed } from './indexed.ts'
import type { Indexed } from './indexed.ts'
import { readJobs, seesData } from './read.ts'
import { eachTerm, pathOf } from './search-words.ts'
import type { JobsSearch, JobsSearched, SearchWhere } from './search-words.ts'
import { settle } from './settle.ts'
import type { Budget, Settling } from './settle.ts'
import type { Entry, Position, Way } from './walk.ts'
import { chooseWay } from './way.ts'
import type { Searching } from './way.ts'
import { compileWhere } from './where.ts'

/** What of somebody who searches decides what they see. */
export type Seeing = Pick<Principal, 'queues' | 'scopes'>

export type JobPage = Page<Job> & { searched: JobsSearched }

/** Jobs looked at in one call, whatever is left of them. */
const LOOK = 500
const STRETCH = 100
/** Jobs of other queues that are passed in one call: only their addresses are read. */
const PASS = 20_000
const WIDE_STRETCH = 2_000
/** Payloads read in one call. */
const BYTES = 4_000_000
/** Jobs whose places and payloads are read together. */
const TOGETHER = 100
/** A call that has looked at a stretch, or passed a wide one, begins no further look after this, so that others of this process
 *  have their turn. A machine with time looks at all of `LOOK` in less, and on a busy one a page of few jobs is whole. */
const TIME_MS = 8

/** A page of the jobs that are meant. Problems: `insufficient-scope` where payloads are searched by who may not see them,
 *  `validation-failed` where a path is not declared, `invalid-cursor`. */
export const searchJobs = async (reading: Searching, principal: Seeing, asked: JobsSearch): Promise<JobPage> => {
  const indexed = createIndexed(reading.catalog, reading.kernel.settings.K1N_SEARCH_PATHS)
  checkPaths(indexed, principal, asked.where)
  return guardRedis(search(reading, principal, asked, indexed), 'read')
}

const search = async (
  reading: Searching,
  principal: Seeing,
  { limit, cursor, ...asked }: JobsSearch,
  indexed: Indexed,
): Promise<JobPage> => {
  const { kernel, catalog } = reading
  const secret = cursorSecret(kernel)
  const bound = { asked, queues: principal.queues }
  const from = cursor === undefined ? undefined : decodeCursor<Position>(secret, cursor, bound)
  const { way, name, since, held } = await chooseWay(reading, principal, asked)
  const meant = compileWhere(asked.where, indexed.isIndexed)
  const budget: Budget = { bytes: BYTES, unread: 0 }
  const settling = { reading, held, meant, budget }
  const walk = await follow(
    { way, settling, limit, now: () => kernel.clock.now(), until: kernel.clock.now() + TIME_MS },
    from ?? way.start,
  )
  const jobs = await readJobs(
    reading,
    walk.found.map(({ address }) => address),
  )
  // A job may have moved on since it was met: it is shown as it is now, or not at all.
  const isStill = (job: Job | undefined, index: number): job is Job =>
    job !== undefined && meant(factsOfJob(job, walk.found[index]?.payload, catalog)) === true
  return {
    data: jobs.filter(isStill),
    page: {
      limit,
      has_more: walk.next !== null,
      next_cursor: walk.next === null ? null : encodeCursor(secret, walk.next, bound),
      prev_cursor: null,
    },
    searched: {
      searched: walk.looked + walk.passed,
      complete: walk.stopped === null,
      fields: fieldsOf(asked.where),
      way: name,
      since,
      stopped_by: walk.stopped,
      unread: budget.unread,
    },
  }
}

const fieldsOf = (where: SearchWhere | undefined): string[] => {
  const fields = new Set<string>()
  if (where) eachTerm(where, ({ field }) => fields.add(field))
  return [...fields]
}

const checkPaths = (indexed: Indexed, principal: Seeing, where: SearchWhere | undefined): void => {
  if (!where) return
  eachTerm(where, ({ field }, at) => {
    const path = pathOf(field)
    if (path === undefined) return
    if (!seesData(principal))
      throw InsufficientScope(`Searching payloads, as ${field} does, needs the scope jobs:data.`, {
        members: { needed: 'jobs:data' },
      })
    if (indexed.paths.has(path)) return
    throw ValidationFailed('1 field is not valid.', {
      errors: [
        {
          pointer: pointer(['where', ...at, 'field']),
          code: 'not_indexed',
          detail: `no kind of job declares ${path} as indexed, nor does K1N_SEARCH_PATHS; declared: ${said(indexed)}`.slice(0, 300), // prettier-ignore
        },
      ],
    })
  })
}

const said = ({ paths }: Indexed): string => (paths.size === 0 ? 'none' : [...paths].join(', '))

interface Walking {
  readonly way: Way
  readonly settling: Settling
  readonly limit: number
  readonly now: () => number
  /** When the call is to end. */
  readonly until: number
}

interface Walk {
  readonly found: Facts[]
  /** Jobs looked at. */
  looked: number
  /** Jobs of queues nobody asked for. */
  passed: number
  /** What ended the look before the way did; null where a full page or the end did. */
  stopped: JobsSearched['stopped_by']
  /** Null at the end of the way. */
  next: Position | null
}

const follow = async (walking: Walking, start: Position): Promise<Walk> => {
  const walk: Walk = { found: [], looked: 0, passed: 0, stopped: null, next: start }
  // One more than fit on the page: whether there are more is told with it.
  let most = Math.max(TOGETHER, walking.limit + 1)
  while (walk.next !== null && !isOver(walking, walk)) {
    const stretch = await walking.way.stretch(walk.next, Math.min(most, LOOK - walk.looked + PASS - walk.passed))
    // Where few are wanted a longer stretch costs no more: those that are passed are not read.
    most = stretch.passed > stretch.entries.length * 9 ? WIDE_STRETCH : STRETCH
    const last = await take(walking, walk, stretch.entries)
    walk.passed += last === undefined ? stretch.passed : last.passed
    if (last !== undefined) return walk
    walk.next = stretch.then
  }
  return walk
}

const isOver = ({ settling: { budget }, limit, now, until }: Walking, walk: Walk): boolean => {
  if (walk.looked >= LOOK || walk.passed >= PASS) walk.stopped = 'jobs'
  else if (budget.bytes <= 0) walk.stopped = 'bytes'
  // Whether there are more than fit on a full page is still looked for.
  else if (walk.found.length < limit && hasLookedEnough(walk) && now() > until) walk.stopped = 'time'
  return walk.stopped !== null
}

const hasLookedEnough = ({ looked, passed }: Walk): boolean => looked >= STRETCH || passed >= WIDE_STRETCH

/** Looks at the jobs of a stretch, some at a time. Where the call is over among them it answers how many of other queues lie
 *  before where it ended. */
const take = async (
  walking: Walking,
  walk: Walk,
  entries: readonly Entry[],
): Promise<{ passed: number } | undefined> => {
  let passed = 0
  for (let at = 0; at < entries.length;) {
    if (at > 0 && isOver(walking, walk)) return { passed }
    const some = entries.slice(at, at + Math.min(Math.max(TOGETHER, walking.limit + 1), LOOK - walk.looked))
    at += some.length
    const settled = await settle(walking.settling, some)
    for (const [index, { next, passed: before }] of some.entries()) {
      if (walk.found.length === walking.limit) return { passed }
      walk.looked++
      passed = before
      walk.next = next
      const facts = settled[index]
      if (facts) walk.found.push(facts)
    }
  }
  return undefined
}
