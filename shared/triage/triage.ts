// Triage: the inbox of dead letters by cause, and what people decide about each cause.
import type { z } from 'zod'
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import { allowsQueue } from '../bullmq/globs.ts'
import { toIso } from '../kernel/clock.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import { fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { ResourceForbidden, ValidationFailed } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Column } from '../metrics/frame.ts'
import type { SeriesAsked } from '../metrics/timeseries.ts'
import { createEventLog } from '../stream/log.ts'
import { merging, splitting } from './aliases.ts'
import type { AliasChanges } from './aliases.ts'
import { parseBuilt, wanted } from './built.ts'
import { DlqGroupChanged, DlqGroupMissing } from './contract.ts'
import type {
  DlqGroup,
  DlqGroupDetail,
  DlqGroupQuery,
  DlqMetrics,
  GroupDecision,
  GroupSplit,
  GroupsDecision,
} from './contract.ts'
import { decide } from './decide.ts'
import { byRank, groupIn, rankOf } from './groups.ts'
import type { Group, Picture, Rank } from './groups.ts'
import { aliasesKey, builtKey } from './keys.ts'
import { createFigures } from './metrics.ts'
import type { MetricsQuery } from './metrics.ts'
import { minutesOf } from './deaths.ts'
import { REST_ID } from './part.ts'
import { createPictures } from './picture.ts'
import { createDeadSeries } from './series.ts'

export type GroupQuery = z.output<typeof DlqGroupQuery>

/** Of a group that died in several queues a principal sees what died in those it may use; deciding needs all of them.
 *  Every verb about one group answers `dlq-group-not-found` for one that is not there or not to be seen. */
export interface Triage {
  list(principal: Principal, query: GroupQuery): Promise<Page<DlqGroup>>
  /** Groups that were first seen, or whose state changed, since a moment. */
  changed(principal: Principal, since: number): Promise<DlqGroup[]>
  show(principal: Principal, id: string): Promise<DlqGroupDetail>
  /** `version`: only if that is the group's; problem `precondition-failed`. */
  decide(principal: Principal, id: string, decision: GroupDecision, version?: number): Promise<DlqGroup>
  decideMany(principal: Principal, decision: GroupsDecision): Promise<DlqGroup[]>
  /** Answers the group that it is part of now. */
  merge(principal: Principal, id: string, into: string): Promise<DlqGroup>
  /** Answers the groups that were taken out. */
  split(principal: Principal, id: string, by: GroupSplit): Promise<DlqGroup[]>
  metrics(principal: Principal, query: MetricsQuery): Promise<DlqMetrics>
  /** What came, went and lay there over time, for the series of metrics. */
  series(asked: SeriesAsked): Promise<Column[]>
  /** Asks the recorder to make the index of these queues anew, from what lies in their failed sets. What was decided about
   *  groups stays. Progress is told by `metrics`. */
  rebuild(queues: readonly string[]): Promise<void>
}

/** The whole group, for one who may use all queues it died in. */
const ownIn = (picture: Picture, principal: Principal, id: string): Group => {
  const whole = groupIn(picture, id)
  if (!whole?.parts.some(({ queue }) => allowsQueue(principal, queue)))
    throw DlqGroupMissing(`There is no group ${id} of dead letters.`)
  if (whole.parts.some(({ queue }) => !allowsQueue(principal, queue)))
    throw ResourceForbidden('The group has dead letters in queues that this credential may not use.')
  return whole
}

export const createTriage = (kernel: Kernel, bull: Bull): Triage => {
  const pictures = createPictures(kernel)
  const log = createEventLog(kernel)
  const figures = createFigures(kernel, bull, pictures)
  const visible = (principal: Principal): Promise<Group[]> => pictures.groups((queue) => allowsQueue(principal, queue))
  const find = async (principal: Principal, id: string): Promise<Group> => {
    const picture = await pictures.read()
    const parts = picture.parts.filter(({ queue }) => allowsQueue(principal, queue))
    const group = groupIn({ ...picture, parts }, id)
    if (group) return group
    throw DlqGroupMissing(`There is no group ${id} of dead letters.`)
  }
  const own = async (principal: Principal, id: string): Promise<Group> => ownIn(await pictures.read(), principal, id)
  const list = async (principal: Principal, query: GroupQuery): Promise<Page<DlqGroup>> =>
    pageOf(kernel, principal, query, await visible(principal))
  const changed = async (principal: Principal, since: number): Promise<DlqGroup[]> =>
    (await visible(principal))
      .map(({ shown }) => shown)
      .filter(({ first_seen, state_since }) => Math.max(Date.parse(first_seen), Date.parse(state_since ?? first_seen)) >= since) // prettier-ignore
  const show = async (principal: Principal, id: string): Promise<DlqGroupDetail> => {
    const group = await find(principal, id)
    const minutes = await minutesOf(kernel, group.parts)
    return { ...group.shown, minutes: minutes.map(({ at, count }) => ({ at: toIso(at), count })) }
  }
  const change = async (changes: AliasChanges): Promise<void> => {
    const pipeline = kernel.redis.multi()
    for (const [field, group] of Object.entries(changes))
      if (group === null) pipeline.hdel(aliasesKey(kernel), field)
      else pipeline.hset(aliasesKey(kernel), field, group)
    await pipeline.exec()
  }
  const tell = async (principal: Principal, group: Group, reason: 'merged' | 'split'): Promise<void> => {
    const { id, title, state } = group.shown
    const queue = group.parts[0]?.queue ?? ''
    const data = { group_id: id, title, queue, before: state, state, reason, actor: principal.name }
    await log.append([fact(DlqGroupChanged, kernel.clock.now(), data)])
  }
  const merge = async (principal: Principal, id: string, into: string): Promise<DlqGroup> => {
    const picture = await pictures.read()
    const [from, to] = [ownIn(picture, principal, id), ownIn(picture, principal, into)]
    if (id === into || id === REST_ID || into === REST_ID)
      throw ValidationFailed('A group cannot become part of itself, nor of what could not be told apart.', {
        errors: [{ pointer: '#/into', code: 'custom', detail: 'must be another group' }],
      })
    await change(merging(picture.aliases, picture.parts, from.id, to.id))
    const merged = await own(principal, into)
    await tell(principal, merged, 'merged')
    return merged.shown
  }
  const split = async (principal: Principal, id: string, by: GroupSplit): Promise<DlqGroup[]> => {
    const picture = await pictures.read()
    const { aliases } = picture
    const group = ownIn(picture, principal, id)
    const out = group.parts.filter((part) => fits(part, by))
    const { changes, groups } = splitting(aliases, out, id)
    if (groups.length === 0 || id === REST_ID)
      throw ValidationFailed('No part of the group fits, or the whole of it would be taken out.', {
        errors: [{ pointer: '#', code: 'custom', detail: 'must name a part of the group' }],
      })
    await change(changes)
    const after = await pictures.read()
    const taken = groups.map((one) => ownIn(after, principal, one))
    for (const one of taken) await tell(principal, one, 'split')
    return taken.map(({ shown }) => shown)
  }
  const decideMany = async (principal: Principal, { group_ids, ...decision }: GroupsDecision): Promise<DlqGroup[]> => {
    const picture = await pictures.read()
    const groups = [...new Set(group_ids)].map((id) => ownIn(picture, principal, id))
    return Promise.all(groups.map((group) => decide({ kernel, log }, principal, group, decision)))
  }
  const rebuild = async (queues: readonly string[]): Promise<void> => {
    for (const queue of queues) {
      const before = parseBuilt(await kernel.redis.hget(builtKey(kernel), queue))
      await kernel.redis.hset(builtKey(kernel), queue, JSON.stringify({ ...wanted, total: before.total }))
    }
  }
  return {
    list: (principal, query) => guardRedis(list(principal, query), 'read'),
    changed: (principal, since) => guardRedis(changed(principal, since), 'read'),
    show: (principal, id) => guardRedis(show(principal, id), 'read'),
    decide: (principal, id, decision, version) =>
      guardRedis(own(principal, id).then((group) => decide({ kernel, log }, principal, group, decision, version))),
    decideMany: (principal, decision) => guardRedis(decideMany(principal, decision)),
    merge: (principal, id, into) => guardRedis(merge(principal, id, into)),
    split: (principal, id, by) => guardRedis(split(principal, id, by)),
    metrics: (principal, query) => guardRedis(figures.metrics(principal, query), 'read'),
    series: createDeadSeries({ kernel, bull, pictures }),
    rebuild: (queues) => guardRedis(rebuild(queues)),
  }
}

const fits = (part: Group['parts'][number], by: GroupSplit): boolean =>
  (by.fingerprint?.includes(part.fingerprint) ?? true) &&
  (by.queue?.includes(part.queue) ?? true) &&
  (by.name?.includes(part.name) ?? true) &&
  (by.error_name?.includes(part.errorName) ?? true)

/** Groups change places while somebody pages through them; a page begins behind the rank its cursor names. */
const pageOf = (kernel: Kernel, principal: Principal, query: GroupQuery, groups: readonly Group[]): Page<DlqGroup> => {
  const { limit, cursor, ...filter } = query
  const secret = cursorSecret(kernel)
  const bound = { filter, queues: principal.queues }
  const after = cursor === undefined ? undefined : decodeCursor<Rank>(secret, cursor, bound)
  const ranked = groups
    .filter(matching(query))
    .map((group) => ({ group, rank: rankOf(group, query.sort) }))
    .filter(({ rank }) => after === undefined || byRank(after, rank) < 0)
    .sort((a, b) => byRank(a.rank, b.rank))
  const page = ranked.slice(0, limit)
  const next = ranked.length > limit ? page.at(-1)?.rank : undefined
  return {
    data: page.map(({ group }) => group.shown),
    page: {
      limit,
      has_more: next !== undefined,
      next_cursor: next === undefined ? null : encodeCursor(secret, next, bound),
      prev_cursor: null,
    },
    searched: { searched: groups.length, complete: true },
  }
}

const matching = ({ state, queue, name, assignee, q, open }: GroupQuery): ((group: Group) => boolean) => {
  const text = q?.toLowerCase()
  return ({ parts, shown }) =>
    (!state || state.includes(shown.state)) &&
    (!queue || parts.some((part) => queue.includes(part.queue))) &&
    (!name || parts.some((part) => name.includes(part.name))) &&
    (assignee === undefined || shown.assignee === assignee) &&
    (open === undefined || (open === 'true') === shown.open > 0) &&
    (text === undefined || parts.some((part) => `${part.title}\n${part.errorName}`.toLowerCase().includes(text)))
}
