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

export interface SeriesQuery {
  hours: number
  subject?: string | undefined
}

export const seriesOf = async (
  kernel: Kernel,
  store: AlertStore,
  principal: Principal,
  rule: RuleId,
  { hours, subject }: SeriesQuery,
): Promise<AlertSeries> => {
  const now = kernel.clock.now()
  const last = Math.floor(now / MINUTE_MS)
  const minutes = Array.from({ length: hours * 60 }, (_, n) => last - hours * 60 + 1 + n)
  const from = (minutes[0] ?? last) * MINUTE_MS
  const mayShow = (about: Subject): boolean => sees(principal, about) && (subject === undefined || about.id === subject)
  const [traces, { active }, ended] = await Promise.all([
    readTraces(kernel, rule, { from, to: now }),
    store.now(),
    store.endedSince(from),
  ])
  const alerts = [...active.values(), ...ended].filter((alert) => alert.rule === rule && mayShow(alert.subject))
  return {
    ...{ rule_id: rule, from: toIso(from), to: toIso(now), step_s: 60 },
    x: minutes.map((minute) => minute * MINUTE_MS),
    series: worstOf(traces, mayShow).map((about) => ({
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

const valueIn = (trace: Trace | undefined, { id }: Subject): number | null =>
  trace?.find(([subject]) => subject.id === id)?.[1] ?? null

/** The subjects that had most at any time, those first. */
const worstOf = (traces: ReadonlyMap<number, Trace>, mayShow: (subject: Subject) => boolean): Subject[] => {
  const most = new Map<string, { subject: Subject; value: number }>()
  for (const [subject, value] of [...traces.values()].flat())
    if (mayShow(subject) && value > (most.get(subject.id)?.value ?? -Infinity)) most.set(subject.id, { subject, value })
  return [...most.values()]
    .sort((a, b) => b.value - a.value)
    .slice(0, SHOWN)
    .map(({ subject }) => subject)
}
