// The oracle: what must hold after every fault, judged from evidence alone. An answer of nothing is the only good one.
import type { Ack, Evidence, Execution, HeldJob } from './evidence.ts'
import { isBefore } from './hear.ts'

/** A promise that was broken. `rule` is its letter in the programme. */
export interface Violation {
  rule: 'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'j' | 'special'
  text: string
}

export interface Allowances {
  /** Acceptances that the durability level may lose, such as those of the last 2 s before a power loss. */
  mayLose?: (ack: Ack) => boolean
  /** Attempts a job may fail before it is a dead letter. */
  attemptsMax?: number
  /** ms within which what a process or Redis had just finished may not have been recorded. */
  settleMs?: number
  /** Output of programs that is part of the fault. */
  expectedNoise?: RegExp
  /** Broken connections to the API are part of the fault. */
  mayBreakConnections?: boolean
}

const defaults = { attemptsMax: 5, settleMs: 2_000 }

/** Judges everything. Each violation names what it is about; long lists are cut after five of a kind. */
export const judge = (evidence: Evidence, allowances: Allowances = {}): Violation[] =>
  [
    ...accepted(evidence, allowances),
    ...unknown(evidence),
    ...executed(evidence, { ...defaults, ...allowances }),
    ...ended(evidence),
    ...listened(evidence),
    ...drained(evidence),
    ...answered(evidence, allowances),
    ...quiet(evidence, allowances),
    ...slim(evidence),
  ].map(([rule, text]) => ({ rule, text }))

type Finding = [rule: Violation['rule'], text: string]

const shown = 5
/** The first findings of a kind, and how many more there are. */
const some = (findings: Finding[]): Finding[] => {
  const rest = findings.length - shown
  const [first] = findings
  return rest > 0 && first ? [...findings.slice(0, shown), [first[0], `… and ${rest} more of this kind`]] : findings
}

const placed = ({ places }: HeldJob): string => (places.length === 0 ? 'no list at all' : places.join(' and '))

/** (a) Every accepted job is in exactly one place. */
const accepted = ({ acks, jobs }: Evidence, { mayLose }: Allowances): Finding[] => {
  const byId = new Map(jobs.map((job) => [job.id, job]))
  const findings: Finding[] = []
  for (const ack of acks) {
    if (ack.told !== 'accepted') continue
    const job = byId.get(ack.id)
    if (job === undefined && mayLose?.(ack)) continue
    if (job === undefined) findings.push(['a', `${ack.id} was accepted and is lost`])
    else if (job.places.length !== 1) findings.push(['a', `${ack.id} was accepted and is in ${placed(job)}`])
  }
  return some(findings)
}

/** (b) What is unknown is there once at most, what was refused not at all, and nothing is there twice. */
const unknown = ({ acks, jobs }: Evidence): Finding[] => {
  const byKey = Map.groupBy(jobs, (job) => job.key)
  const findings: Finding[] = acks.flatMap((ack): Finding[] => {
    const held = byKey.get(ack.key) ?? []
    if (held.length > 1)
      return [
        [
          'b',
          `${ack.key} was asked for once and is there ${held.length} times: ${held.map(({ id }) => id).join(', ')}`,
        ],
      ]
    if (ack.told === 'refused' && held.length > 0) return [['b', `${ack.key} was refused and is there all the same`]]
    if (ack.told === 'accepted' && held[0] && held[0].id !== ack.id)
      return [['b', `${ack.key} was accepted as ${ack.id} and is there as ${held[0].id}`]]
    return []
  })
  return some(findings)
}

/** (c) A job runs again only when its last run failed, was put back, or lost its process or its lock. */
const executed = (
  evidence: Evidence,
  { attemptsMax, settleMs }: Required<Pick<Allowances, 'attemptsMax' | 'settleMs'>>,
): Finding[] => {
  const byJob = Map.groupBy(evidence.executions, ({ id }) => id)
  const findings: Finding[] = []
  for (const [id, executions] of byJob) {
    const inOrder = executions.toSorted((one, other) => one.startedAt - other.startedAt)
    for (const run of inOrder.slice(0, -1))
      if (!isExcused(run, evidence, settleMs)) findings.push(['c', `${id} ran again for no reason after ${told(run)}`])
    const thrown = inOrder.filter(({ how }) => how === 'thrown').length
    if (thrown > attemptsMax) findings.push(['c', `${id} failed ${thrown} times; ${attemptsMax} attempts were allowed`])
  }
  return some(findings)
}

const told = ({ pid, how, startedAt }: Execution): string =>
  `its run in process ${pid} from ${new Date(startedAt).toISOString()} (${how ?? 'no end'})`

const isExcused = (run: Execution, { deaths, outages }: Evidence, settleMs: number): boolean => {
  if (run.how === 'thrown' || run.how === 'aborted') return true
  const recordedBy = run.endedAt === undefined ? Infinity : run.endedAt + settleMs
  const died = deaths.some(({ pid, at }) => pid === run.pid && at >= run.startedAt && at <= recordedBy)
  return died || outages.some(({ from, to }) => from <= recordedBy && to >= run.startedAt)
}

/** (d) A job that ended is told to have ended exactly once, and a completed one ran to its end. */
const ended = ({ jobs, finals, executions }: Evidence): Finding[] => {
  const byJob = Map.groupBy(finals, ({ id }) => id)
  const ran = new Set(executions.filter(({ how }) => how === 'done').map(({ id }) => id))
  const findings: Finding[] = []
  for (const { id, key, places } of jobs) {
    const told = (byJob.get(id) ?? []).map(({ name }) => name)
    const isCompleted = places.includes('completed')
    const isEnded = isCompleted || places.includes('failed')
    if (isEnded && told.length !== 1)
      findings.push(['d', `${id} ended and is told to ${told.length} times (${told.join(', ')})`])
    if (!isEnded && told.length > 0)
      findings.push(['d', `${id} is told to have ended (${told.join(', ')}) and did not`])
    if (isCompleted && key !== undefined && !ran.has(id))
      findings.push(['d', `${id} counts as completed and never ran to its end`])
  }
  return some(findings)
}

/** (f) A listener hears everything once and in order, or is told of a gap. */
const listened = ({ heard }: Evidence): Finding[] => {
  if (heard === undefined) return []
  const findings: Finding[] = []
  const got = new Set(heard.ids)
  const missed = heard.logged.filter((id) => !got.has(id))
  if (missed.length > 0 && heard.gaps === 0)
    findings.push([
      'f',
      `the listener missed ${missed.length} of ${heard.logged.length} facts without a gap, the first ${missed[0]}`,
    ])
  if (got.size !== heard.ids.length)
    findings.push(['f', `the listener heard ${heard.ids.length - got.size} facts twice`])
  const back = heard.ids.findIndex((id, index) => index > 0 && isBefore(id, heard.ids[index - 1] as string))
  if (back > 0) findings.push(['f', `the listener heard ${heard.ids[back]} after ${heard.ids[back - 1]}`])
  return findings
}

/** (j) Nothing is left over. */
const drained = ({ jobs }: Evidence): Finding[] =>
  some(
    jobs
      .filter(
        ({ places }) => !places.some((place) => place === 'completed' || place === 'failed' || place === 'removed'),
      )
      .map((job) => ['j', `${job.id} is left over, in ${placed(job)}`]),
  )

/** (j) The API answers 2xx, 4xx or 503, and does not hang up on its clients. */
const answered = ({ statuses }: Evidence, { mayBreakConnections }: Allowances): Finding[] =>
  [...statuses].flatMap(([status, count]): Finding[] => {
    if (status === 0) return mayBreakConnections ? [] : [['j', `${count} connections to the API broke`]]
    const isFine = (status >= 200 && status < 300) || (status >= 400 && status < 500) || status === 503
    return isFine ? [] : [['j', `the API answered ${status}, ${count} times`]]
  })

const noise = /unhandled ?(promise ?)?rejection|uncaught(exception| exception|:)|MaxListenersExceeded|ERR_UNHANDLED/i

/** (j) No process complains of an error that nobody caught. */
const quiet = ({ programs }: Evidence, { expectedNoise }: Allowances): Finding[] =>
  some(
    programs.flatMap(({ name, output }) =>
      output
        .split('\n')
        .filter((line) => noise.test(line) && !expectedNoise?.test(line))
        .map((line): Finding => ['j', `${name} says: ${line.slice(0, 200)}`]),
    ),
  )

/** Buffers of fixed size that fill in the course of time, such as the newest facts the API keeps at hand, in bytes. */
const BUFFERS = 16 * 2 ** 20

/** (j) Processes that lived through it need no more memory than before, give or take 10 %. */
const slim = ({ memory }: Evidence): Finding[] =>
  memory.flatMap(({ name, beforeBytes, afterBytes }): Finding[] => {
    const limit = beforeBytes * 1.1 + BUFFERS
    if (afterBytes <= limit) return []
    return [['j', `${name} holds ${toMb(afterBytes)} MB; before the fault it held ${toMb(beforeBytes)} MB`]]
  })

const toMb = (bytes: number): number => Math.round(bytes / 2 ** 20)
