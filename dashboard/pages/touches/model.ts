// What is touched, in words: how it is known, how much of it was looked at, and what another limit would have come to.
import type { Quota } from '../../../shared/limits/contract.ts'
import type { KeyTouches, VersionTouches, ServiceTouches, ServiceWhatIf, TouchedFlows, TouchedQueue } from '../../../shared/touches/contract.ts' // prettier-ignore
import { readNumber } from '../../data/draft.ts'
import { count, countOf, duration } from '../../ui/format.ts'

const about = (exact: boolean): string => (exact ? '' : 'about ')

/** Whether anything goes through it now, or comes within a day. */
export const isQuiet = ({ queues, schedules, flows, calls }: ServiceTouches): boolean =>
  queues.every(({ waiting, running, delayed, parked }) => waiting + running + delayed + parked === 0) &&
  flows.total === 0 &&
  (schedules?.due_24h ?? 0) === 0 &&
  calls.calls + calls.refused === 0

/** The jobs of a queue that are parked for a service. Those of jobs that do not tell their service are found by their queue alone. */
export const parkedFilter = (service: string, { queue, uses }: Pick<TouchedQueue, 'queue' | 'uses'>): string =>
  uses.some(({ declared, seen }) => declared || seen > 0)
    ? `state:parked service:${quoted(service)} queue:${quoted(queue)}`
    : `state:parked queue:${quoted(queue)}`

export const quoted = (text: string): string => (/\s/.test(text) ? `"${text}"` : text)

/** All jobs that are parked for it, for a link; the queues tell where not every job tells its service. */
export const allParkedFilter = ({ service, queues }: ServiceTouches): string => {
  const [first, ...others] = queues.filter(({ parked }) => parked > 0)
  if (first !== undefined && others.length === 0) return parkedFilter(service, first)
  return `state:parked service:${quoted(service)}`
}

/** "312 jobs" and " in 2 queues are parked for it.": a figure and what is said of it. */
export const parkedWords = ({
  parked,
  parked_exact: exact,
  queues,
  queues_total: total,
}: ServiceTouches): { figure: string; rest: string } => {
  if (parked === 0)
    return { figure: '', rest: `No job is parked for it${exact ? '' : ', of those that were looked at'}.` }
  const within = queues.length < total ? total : queues.filter((queue) => queue.parked > 0).length
  const verb = parked === 1 ? 'is' : 'are'
  return {
    figure: `${exactness(exact, queues)}${countOf(parked, 'job')}`,
    rest: ` in ${countOf(within, 'queue')} ${verb} parked for it.`,
  }
}

/** Where each queue is told exactly others may have more; where one is not, neither is the sum. */
const exactness = (exact: boolean, queues: readonly TouchedQueue[]): string => {
  if (exact) return ''
  return queues.every((queue) => queue.parked_exact) ? 'At least ' : 'About '
}

/** How it is known that jobs of a name call the service. */
export const knownWords = ({ declared, seen, parked, now }: TouchedQueue['uses'][number]): string => {
  const ways = [
    ...(declared ? ['declared'] : []),
    ...(parked > 0 ? ['parked for it now'] : []),
    ...(now > 0 && !declared && parked === 0 ? ['there now'] : []),
    ...(seen > 0 ? [`seen in ${countOf(seen, 'job')}`] : []),
  ]
  return ways.join(', ')
}

/** A count of parked jobs that may be an estimate. */
export const parkedCount = ({ parked, parked_exact: exact }: TouchedQueue): string =>
  parked === 0 ? '0' : `${about(exact)}${count(parked)}`

/** How far the look into the past went. */
export const latelyWords = ({ accepted, looked_at: looked, gone, untold }: ServiceTouches['lately']): string => {
  if (looked === 0) return 'No job was accepted in the last 24 h, so none was seen to call it.'
  const all =
    accepted === null || accepted <= looked
      ? `the ${countOf(looked, 'job')}`
      : `${count(looked)} of ${countOf(accepted, 'job')}`
  const rest = [
    ...(gone > 0 ? [`${count(gone)} of them ${gone === 1 ? 'was' : 'were'} removed since`] : []),
    ...(untold > 0 ? [`${count(untold)} do not tell what they call`] : []),
  ]
  const tail = rest.length === 0 ? '' : `; ${rest.join(', and ')}`
  return `What was seen is of ${all} accepted in the last 24 h${tail}.`
}

/** What its breaker counted, and whether code makes calls that nothing tells of. */
export const callsWords = ({ calls: { calls, failures, refused }, queues }: ServiceTouches): string => {
  if (calls + refused === 0) return 'Nothing called it in the last hour.'
  const was = refused === 1 ? 'was' : 'were'
  const told = `${countOf(calls, 'call')} in the last hour: ${count(failures)} failed. ${count(refused)} ${was} refused.`
  const isKnown = queues.some(({ uses }) => uses.length > 0)
  return isKnown ? told : `${told} Which jobs made them is not recorded: no kind declares it.`
}

/** How many flows wait, and of how many jobs that is told: those in some queues, or those that some workers run. */
export const flowWords = (
  { total, data, looked_at: looked, of }: TouchedFlows,
  which: 'wait, run or are delayed here' | 'they run now',
): string => {
  const read = looked >= of ? 'all jobs' : `${count(looked)} of ${countOf(of, 'job')}`
  const those = which === 'they run now' ? `${read} they run now` : `${read} that ${which}`
  if (total === 0) return `No flow waits, as ${those} tell.`
  const shown = data.length < total ? ` The ${count(data.length)} that wait for most are shown.` : ''
  return `${countOf(total, 'flow waits', 'flows wait')}, as ${those} tell.${shown}`
}

/** What has no other workers, in a sentence. */
export const aloneWords = ({
  queues,
  queues_total: total,
}: Pick<VersionTouches, 'queues' | 'queues_total'>): string => {
  const alone = queues.filter(({ other_slots: slots }) => slots === 0).length
  if (alone === 0) return 'Others work on each of its queues.'
  if (alone === total)
    return total === 1 ? 'Nobody else works on its queue.' : `Nobody else works on its ${count(total)} queues.`
  return `Nobody else works on ${alone === queues.length ? 'at least ' : ''}${count(alone)} of its ${count(total)} queues.`
}

/** What half of a key's limits would leave of what it has used; nothing for one that is not limited. */
export const halfWords = ({ windows }: Quota): string | undefined => {
  if (windows === null) return undefined
  const half = ({ limit, remaining }: { limit: number; remaining: number }, of: string): string => {
    const [most, used] = [Math.max(1, Math.floor(limit / 2)), limit - remaining]
    return used <= most
      ? `${count(used)} of ${count(most)} ${of} would be used`
      : `${count(used - most)} of the ${count(used)} requests ${of} would have been refused`
  }
  return `With half of its limits ${half(windows.minute, 'this minute')}, and ${half(windows.day, 'today')}.`
}

export type Change = 'closed' | 'open' | 'limit'

/** What is asked, or what is wrong with it. */
export const changeOf = (
  change: Change,
  typed: string,
): { body: { force: 'open' | 'closed' } | { budget_limit: number } } | { error: string } => {
  if (change !== 'limit') return { body: { force: change } }
  const read = readNumber(typed, { min: 1, max: 1_000_000_000, whole: true })
  return 'error' in read ? read : { body: { budget_limit: read.value ?? 1 } }
}

/** Half of a limit, as text. */
export const halfOf = (limit: number): string => String(Math.max(1, Math.floor(limit / 2)))

/** The answer in a sentence. */
export const answerWords = (change: Change, { as_it_was: was, changed, estimated }: ServiceWhatIf): string => {
  if (was.calls + was.refused === 0) return 'Nothing called it in the last hour: there is nothing to replay.'
  if (change === 'open') return `All ${countOf(changed.refused, 'call')} of the last hour would have been refused.`
  if (change === 'limit') return limitWords(changed)
  if (was.refused === 0) return 'Nothing would have changed: no call was refused in the last hour.'
  const worse = changed.failures - was.failures
  const failed = !estimated
    ? ''
    : worse === 0
      ? ' None of them would have failed, going by the calls before them.'
      : ` About ${count(worse)} of them would have failed, going by the calls before them.`
  return `${countOf(was.refused, 'call')} that ${was.refused === 1 ? 'was' : 'were'} refused would have been made.${failed}`
}

const limitWords = ({ delayed, longest_wait_ms: wait, left, busiest }: ServiceWhatIf['changed']): string => {
  if (delayed === 0) return `No call would have had to wait: the busiest window had ${count(busiest)}.`
  const still = left === 0 ? '' : ` ${count(left)} of them would still wait.`
  return `${countOf(delayed, 'call')} would have had to wait, for up to ${duration(wait)}.${still}`
}

/** Rows of the table beside it; what cannot differ is left out. */
export const outcomeRows = (change: Change, { as_it_was: was, changed }: ServiceWhatIf) => {
  const row = (label: string, of: (outcome: ServiceWhatIf['changed']) => string) => ({
    label,
    was: of(was),
    changed: of(changed),
  })
  const made = row('Calls made', ({ calls }) => count(calls))
  return change === 'limit'
    ? [
        made,
        row('Had to wait', ({ delayed }) => count(delayed)),
        row('Longest wait', ({ longest_wait_ms: ms }) => (ms === 0 ? 'none' : duration(ms))),
        row('Still waiting', ({ left }) => count(left)),
        row('Most in a window', ({ busiest }) => count(busiest)),
      ]
    : [
        made,
        row('Failed', ({ failures }) => count(failures)),
        row('Refused', ({ refused }) => count(refused)),
        row('Most in a window', ({ busiest }) => count(busiest)),
      ]
}

/** What a key added lately, as far as the look went. */
export const addedWords = ({ added, lately }: NonNullable<KeyTouches['jobs']>): string => {
  if (lately.looked_at === 0) return 'No job was accepted in the last 24 h.'
  const all =
    lately.accepted === null || lately.accepted <= lately.looked_at
      ? `the ${countOf(lately.looked_at, 'job')}`
      : `${count(lately.looked_at)} of ${countOf(lately.accepted, 'job')}`
  const gone =
    lately.gone === 0
      ? ''
      : ` ${count(lately.gone)} of these ${lately.gone === 1 ? 'was removed since and tells' : 'were removed since and tell'} nothing.`
  return `Of ${all} accepted in the last 24 h it added ${added === 0 ? 'none' : count(added)}.${gone}`
}

/** "412 of at least 200 …": what it changed, with the kinds of things. */
export const changesWords = ({ total, complete }: NonNullable<KeyTouches['changes']>): string =>
  total === 0
    ? 'It changed nothing in the last 24 h.'
    : `It made ${complete ? '' : 'at least '}${countOf(total, 'change')} in the last 24 h.`
