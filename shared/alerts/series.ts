// What a rule measured over time, and when it fired, for who may see it.
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { AlertSeries } from './contract.ts'
import { sees } from './present.ts'
import type { AlertStore } from './store.ts'
import { readTraces } from './traces.ts'
import type { Trace } from './traces.ts'
import type { RuleId, Subject } from './words.ts'

const MINUTE_MS = 60_000
const SHOWN = 5
const ALERTS_MAX = 100

/** What is measured is kept for a day. */
const MINUTES_MAX = 1_440

export interface SeriesQuery {
  hours: number
  from?: string | undefined
  to?: string | undefined
  subject?: string | undefined
}

export const seriesOf = async (
  kernel: Kernel,
  store: AlertStore,
  principal: Principal,
  rule: RuleId,
  { subject, ...span }: SeriesQuery,
): Promise<AlertSeries> => {
  const { minutes, from, to } = spanOf(span, kernel.clock.now())
  const mayShow = (about: Subject): boolean => sees(principal, about) && (subject === undefined || about.id === subject)
  const [traces, { active }, ended] = await Promise.all([
    readTraces(kernel, rule, { from, to }),
    store.now(),
    store.endedSince(from),
  ])
  const alerts = [...active.values(), ...ended].filter(
    (alert) => alert.rule === rule && alert.since <= to && mayShow(alert.subject),
  )
  return {
    ...{ rule_id: rule, from: toIso(from), to: toIso(to), step_s: 60 },
    x: minutes.map((minute) => minute * MINUTE_MS),
    series: worstOf(
      minutes.flatMap((minute) => traces.get(minute) ?? []),
      mayShow,
    ).map((about) => ({
      subject: about,
      y: minutes.map((minute) => valueIn(traces.get(minute), about)),
    })),
    alerts: alerts
      .sort((a, b) => b.since - a.since)
      .slice(0, ALERTS_MAX)
      .map(({ id, subject: about, state, since, firedAt, resolvedAt }) => ({
        ...{ id, subject: about, state, since: toIso(since) },
        ...{ fired_at: firedAt === null ? null : toIso(firedAt) },
        ...{ resolved_at: resolvedAt === null ? null : toIso(resolvedAt) },
      })),
  }
}

/** The minutes that are asked for, as far as they are kept: none of a time that is longer ago. */
const spanOf = (
  { hours, from, to }: Omit<SeriesQuery, 'subject'>,
  now: number,
): { minutes: number[]; from: number; to: number } => {
  const end = to === undefined ? now : Math.min(now, Date.parse(to))
  // A minute that begins where the span ends is none of it, but the one that goes on is.
  const last = to === undefined ? Math.floor(now / MINUTE_MS) : Math.ceil(end / MINUTE_MS) - 1
  const asked = from === undefined ? last - hours * 60 + 1 : Math.floor(Date.parse(from) / MINUTE_MS)
  const first = Math.max(asked, Math.floor(now / MINUTE_MS) - MINUTES_MAX + 1)
  const minutes = Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => first + n)
  return { minutes, from: Math.min(first * MINUTE_MS, end), to: end }
}

const valueIn = (trace: Trace | undefined, { id }: Subject): number | null =>
  trace?.find(([subject]) => subject.id === id)?.[1] ?? null

/** The subjects that had most at any time, those first. */
const worstOf = (measured: Trace, mayShow: (subject: Subject) => boolean): Subject[] => {
  const most = new Map<string, { subject: Subject; value: number }>()
  for (const [subject, value] of measured)
    if (mayShow(subject) && value > (most.get(subject.id)?.value ?? -Infinity)) most.set(subject.id, { subject, value })
  return [...most.values()]
    .sort((a, b) => b.value - a.value)
    .slice(0, SHOWN)
    .map(({ subject }) => subject)
}
