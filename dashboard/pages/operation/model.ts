// An operation in words: what it does, how far it is, how its steps fared, and what can be done with it now.
import type { Operation, OperationFates, StepResult } from '../../../shared/operations/words.ts'
import { age, count, countOf, instant } from '../../ui/format.ts'
import { kindWords } from './kinds.ts'

export const processedOf = ({ done, failed, skipped }: Operation['progress']): number => done + failed + skipped

const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

/** How far it is: "Resubmitted 11 of 412 dead letters, 1 could not be, 2 needed nothing." */
export const progressWords = (operation: Operation): string => {
  const { total, done, failed, skipped } = operation.progress
  const { did, thing } = kindWords(operation)
  if (total === null)
    return operation.status === 'queued' ? 'Waits for a worker.' : `Finding the ${thing}s it is about.`
  const more = [
    failed > 0 ? `${count(failed)} could not be` : '',
    skipped > 0 ? `${count(skipped)} needed nothing` : '',
  ]
  return (
    [`${sentence(did)} ${count(done)} of ${countOf(total, thing)}`, ...more.filter((part) => part !== '')].join(', ') +
    '.'
  )
}

/** How those fared that were looked at; nothing while none has ended. The last of them may end after the operation did, and are not
 *  looked at any more. */
export const watchedWords = (operation: Pick<Operation, 'watched' | 'progress' | 'finished_at'>): string => {
  const { watched, progress, finished_at } = operation
  if (watched === null || watched.ended === 0) return ''
  const rest = finished_at === null ? 0 : Math.max(0, progress.done - watched.ended)
  const unseen = rest === 0 ? '' : `; the end of ${rest === 1 ? 'one' : count(rest)} was not seen`
  return `Of those, ${resultWords(watched)}${unseen}.`
}

type Fared = Pick<StepResult, 'ended' | 'failed_again' | 'failed_otherwise'>

/** "8 of 10 came through, 2 failed again, 1 for another reason". */
export const resultWords = ({ ended, failed_again: again, failed_otherwise: otherwise }: Fared): string => {
  const through = ended - again - otherwise
  const parts = [
    `${count(through)} of ${count(ended)} came through`,
    again > 0 ? `${count(again)} failed again` : '',
    otherwise > 0 ? `${count(otherwise)} failed for another reason` : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}

export type Fates = NonNullable<OperationFates['fates']>
type Bad = Fates['badly'][number]

/** How all fare by now that something was done to: "Of 20: 15 came through, 3 failed again, 2 on the way." */
export const fatesWords = (fates: Fates): string => {
  const { looked, of, came_through: through } = fates
  if (looked === 0) return 'Nothing was done to any of them yet.'
  const which = looked < of ? `Of ${count(looked)} looked at, of ${count(of)}` : `Of ${count(of)}`
  if (through === looked) return looked === 1 ? 'It came through.' : `${which}: all came through.`
  const counts: [number: number, words: string][] = [
    [through, 'came through'],
    [fates.failed_again, 'failed again'],
    [fates.failed_otherwise, 'failed for another reason'],
    [fates.failing, 'failing, and tried again'],
    [fates.pending, 'on the way'],
    [fates.cancelled, 'cancelled'],
    [fates.gone, 'not there any more'],
    [fates.left, 'left, or done again since'],
  ]
  const told = counts.filter(([number]) => number > 0).map(([number, words]) => `${count(number)} ${words}`)
  return `${which}: ${told.join(', ')}.`
}

/** Whether what is told of them may change without anybody doing anything. */
export const isOnTheWay = ({ pending, failing }: Fates): boolean => pending + failing > 0

export const badWords: Record<Bad['fate'], string> = {
  failed_again: 'Failed again',
  failed_otherwise: 'Failed for another reason',
  failing: 'Failing, and tried again',
}

/** That there are more which fare badly than are told by name. */
export const moreWords = ({ badly, ...fates }: Fates): string => {
  const more = fates.failed_again + fates.failed_otherwise + fates.failing - badly.length
  return more > 0 ? `and ${count(more)} more` : ''
}

/** How fast it goes and when it will be done; nothing while it rests. */
export const speedWords = ({ progress, status }: Operation, now: number): string => {
  const { rate_per_s: rate, eta } = progress
  if (status !== 'running' || rate === null) return ''
  const end = instant(eta)
  return `${count(rate)}/s${end === undefined ? '' : `, done ${age(Math.max(end, now), now)}`}`
}

/** `ahead`: not yet. `hearing`: waits for how it fared. `stopped`: it paused there. */
export type RungState = 'ahead' | 'running' | 'hearing' | 'passed' | 'stopped'

export interface Rung {
  label: string
  state: RungState
  /** How it fared. */
  result: string
}

interface Ladder {
  steps?: unknown
}

const stepsOf = ({ params }: Pick<Operation, 'params'>): number[] => {
  const { steps } = (params['ladder'] ?? {}) as Ladder
  return Array.isArray(steps) ? steps.filter((step) => typeof step === 'number') : []
}

/** The steps of a trial and the rest, each with where it stands; none for what is done all at once, or taken back. */
export const rungsOf = (operation: Operation): Rung[] => {
  const steps = operation.undoes === null ? stepsOf(operation) : []
  if (steps.length === 0) return []
  const { total } = operation.progress
  const thing = kindWords(operation).thing
  const ends = steps.map((_step, index) => steps.slice(0, index + 1).reduce((sum, step) => sum + step, 0))
  const shown = ends.filter((end, index) => total === null || end - (steps[index] ?? 0) < total)
  const rungs = shown.map((end, index) =>
    rungOf(operation, end - (steps[index] ?? 0), Math.min(end, total ?? end), thing),
  )
  const last = shown.at(-1) ?? 0
  return total !== null && total <= last ? rungs : [...rungs, restOf(operation, last)]
}

const rungOf = (operation: Operation, from: number, to: number, thing: string): Rung => {
  const result = operation.watched?.steps.find(({ until }) => until >= to && until > from)
  return {
    label: countOf(to - from, thing),
    state: rungState(operation, from, to, result !== undefined),
    result: result ? resultWords(result) : '',
  }
}

const rungState = (operation: Operation, from: number, to: number, heard: boolean): RungState => {
  const at = processedOf(operation.progress)
  if (at > to) return 'passed'
  if (at < to) return at >= from && isTrying(operation) ? 'running' : 'ahead'
  if (operation.status === 'paused') return 'stopped'
  if (operation.phase === 'waiting') return 'hearing'
  return heard || operation.status === 'succeeded' || operation.status === 'partially_succeeded' ? 'passed' : 'running'
}

/** Items of a step are touched: they are known, and it does not wait for how those before fared. */
const isTrying = ({ status, phase, progress }: Operation): boolean =>
  (status === 'queued' || status === 'running') && phase !== 'waiting' && progress.total !== null

const restOf = (operation: Operation, from: number): Rung => {
  const { progress, pace_per_s: pace, status } = operation
  const at = processedOf(progress)
  const passed = progress.total !== null && at >= progress.total
  const begun = at > from
  return {
    label: `the rest${pace === null ? '' : ` at ${count(pace)}/s`}`,
    state: passed
      ? 'passed'
      : begun && status === 'running'
        ? 'running'
        : begun && status === 'paused'
          ? 'stopped'
          : 'ahead',
    result: '',
  }
}

export const rungWords: Record<RungState, string> = {
  ahead: 'Not yet',
  running: 'Goes on',
  hearing: 'Waits for the result',
  passed: 'Done',
  stopped: 'Stopped here',
}

/** Items a second that one may choose; the last means as fast as it can. */
export const paces: readonly (number | null)[] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, null]

/** Which of the paces is nearest to one. */
export const paceIndex = (pace: number | null): number => {
  if (pace === null) return paces.length - 1
  const found = paces.findIndex((each) => each !== null && each >= pace)
  return found < 0 ? paces.length - 2 : found
}

export const paceWords = (pace: number | null): string =>
  pace === null ? 'as fast as it can' : `${count(pace)} a second`

export type Steer = 'pause' | 'resume' | 'cancel' | 'undo'

/** What can be done with it now. */
export const steersFor = (operation: Operation): Steer[] => {
  const { status, requested, undo_until: until } = operation
  if (status === 'paused') return ['resume', 'cancel']
  if (status === 'queued' || status === 'running')
    return requested === 'pause' ? ['resume', 'cancel'] : ['pause', 'cancel']
  return until === null ? [] : ['undo']
}

export interface Fact {
  label: string
  value: string
  at?: string
  /** Groups of dead letters it is about, where it is about nothing else. */
  groups?: readonly string[]
}

const filterWords = (filter: unknown): string =>
  Object.entries((filter ?? {}) as Record<string, unknown>)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${Array.isArray(value) ? value.join(' or ') : String(value)}`)
    .join(', ')

const groupsIn = (filter: unknown): string[] => {
  const { group, ...others } = (filter ?? {}) as Record<string, unknown>
  return Array.isArray(group) && Object.keys(others).length === 0 ? group.map(String) : []
}

/** What it is about, in words; an empty filter means all of them. */
const aboutWords = ({ kind, undoes, params }: Pick<Operation, 'kind' | 'undoes' | 'params'>): string => {
  const { webhook_id: webhook, worker_id: worker, queue } = params
  if (typeof webhook === 'string') return `the endpoint ${webhook}`
  if (typeof worker === 'string') return `the worker ${worker}`
  if (kind.startsWith('queue.') && typeof queue === 'string') return `the queue ${queue}`
  const about = filterWords(params['filter'])
  return about === '' ? `all ${kindWords({ kind, undoes }).thing}s` : about
}

/** What it was asked for, without what says nothing. */
export const factsOf = (operation: Operation): Fact[] => {
  const { asked_by, params, kind, created_at, started_at, finished_at } = operation
  const groups = groupsIn(params['filter'])
  const patch = params['data_patch']
  return [
    { label: 'Asked by', value: asked_by },
    {
      label: 'About',
      value: aboutWords(operation),
      ...(groups.length > 0 && { groups }),
    },
    ...(typeof params['reason'] === 'string' ? [{ label: 'Reason', value: params['reason'] }] : []),
    ...(typeof params['queue'] === 'string' && !kind.startsWith('queue.')
      ? [{ label: 'To queue', value: params['queue'] }]
      : []),
    ...(patch === undefined ? [] : [{ label: 'Changes', value: JSON.stringify(patch) }]),
    { label: 'Asked at', value: '', at: created_at },
    ...(started_at === null ? [] : [{ label: 'Started', value: '', at: started_at }]),
    ...(finished_at === null ? [] : [{ label: 'Ended', value: '', at: finished_at }]),
  ]
}
