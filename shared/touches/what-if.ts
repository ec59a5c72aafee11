// What would have become of the last hour's calls: with the breaker held by hand, or with another limit of the budget.
import type { LastHour } from '../breakers/breakers.ts'
import { HISTORY_SLOT_MS } from '../breakers/history.ts'
import type { HistorySlot } from '../breakers/history.ts'
import type { Budget } from '../budgets/words.ts'
import { toIso } from '../kernel/clock.ts'
import type { ServiceChange, ServiceWhatIf } from './contract.ts'

type Outcome = ServiceWhatIf['changed']

const HOUR_MS = 3_600_000

/** The hour with its breaker held open or closed. */
export const ifForced = (hour: LastHour, force: NonNullable<ServiceChange['force']>): ServiceWhatIf => {
  const was = asCounted(hour)
  const changed = force === 'open' ? allRefused(was) : allLetThrough(hour)
  return {
    ...frame(hour),
    as_it_was: was,
    changed,
    estimated: force === 'closed' && was.refused > 0,
    notes:
      force === 'closed' && was.refused > 0
        ? ['The budget and the places for calls at once are left out: they may have put some of these calls off.']
        : [],
  }
}

/** The calls that were made against another limit; each waits until the window has room for it. */
export const ifLimited = (hour: LastHour, budget: Budget, limit: number): ServiceWhatIf => {
  const counted = asCounted(hour)
  const against = (most: number): Outcome => ({ ...counted, ...queued(hour, { ...budget, limit: most }) })
  return {
    ...frame(hour),
    as_it_was: against(budget.limit),
    changed: against(limit),
    estimated: false,
    notes: notesOn(budget),
  }
}

const notesOn = ({ unit, per_ms, allocations }: Budget): string[] => [
  'Calls that the limit put off in truth count when they were made, not when they were wanted.',
  ...(unit === 'units' ? ['The budget counts units of what calls cost; here each call counts as one unit.'] : []),
  ...(allocations.length > 0 ? ['That parts of the budget are kept for some jobs is left out.'] : []),
  ...(per_ms < HISTORY_SLOT_MS ? ['Bursts within six seconds are not seen.'] : []),
  ...(per_ms > HOUR_MS ? ['The window is longer than an hour: what was used of it before is not known.'] : []),
]

const frame = ({ service, from, to }: LastHour) => ({
  service: service.name,
  from: toIso(from),
  to: toIso(to),
  resolution_ms: HISTORY_SLOT_MS,
})

/** Slots of the hour; kept are a few more. */
const within = ({ slots, from }: LastHour): readonly HistorySlot[] =>
  slots.filter(({ n }) => (n + 1) * HISTORY_SLOT_MS > from)

const sum = (slots: readonly HistorySlot[], of: (slot: HistorySlot) => number): number =>
  slots.reduce((total, slot) => total + of(slot), 0)

const NOTHING_WAITED = { delayed: 0, longest_wait_ms: 0, left: 0 }

export const asCounted = (hour: LastHour): Outcome => {
  const slots = within(hour)
  const { budget } = hour.service
  return {
    calls: sum(slots, ({ tally }) => tally.calls),
    failures: sum(slots, ({ tally }) => tally.failures),
    refused: sum(slots, ({ refused }) => refused),
    ...NOTHING_WAITED,
    busiest: busiestOf(slots, widthOf(budget), ({ tally }) => tally.calls),
  }
}

const allRefused = ({ calls, refused }: Outcome): Outcome => ({
  ...{ calls: 0, failures: 0, refused: calls + refused, busiest: 0 },
  ...NOTHING_WAITED,
})

/** What was refused goes as the calls went that the service was last heard of by; before the first of them, as the first. */
const allLetThrough = (hour: LastHour): Outcome => {
  const slots = within(hour)
  const offered = ({ tally, refused }: HistorySlot): number => tally.calls + refused
  const first = slots.find(({ tally }) => tally.calls > 0)
  let badness = first === undefined ? 0 : first.tally.failures / first.tally.calls
  const failures = sum(slots, ({ tally, refused }) => {
    if (tally.calls > 0) badness = tally.failures / tally.calls
    return tally.failures + refused * badness
  })
  return {
    ...{ calls: sum(slots, offered), failures: Math.round(failures), refused: 0 },
    ...NOTHING_WAITED,
    busiest: busiestOf(slots, widthOf(hour.service.budget), offered),
  }
}

/** The slots of a window; at least one. */
const widthOf = (budget: Pick<Budget, 'per_ms'> | null): number =>
  budget === null ? 1 : Math.max(1, Math.ceil(budget.per_ms / HISTORY_SLOT_MS))

const busiestOf = (slots: readonly HistorySlot[], width: number, of: (slot: HistorySlot) => number): number => {
  let [busiest, inWindow, first] = [0, 0, 0]
  for (const slot of slots) {
    inWindow += of(slot)
    for (; (slots[first]?.n ?? slot.n) <= slot.n - width; first++) inWindow -= of(slots[first] as HistorySlot)
    busiest = Math.max(busiest, inWindow)
  }
  return busiest
}

/** Lets calls through slot by slot as far as the window has room; who waits longest goes first. */
const queued = (
  hour: LastHour,
  budget: Budget,
): Pick<Outcome, 'delayed' | 'longest_wait_ms' | 'left' | 'busiest' | 'calls'> => {
  // prettier-ignore
  const slots = new Map(within(hour).map((slot) => [slot.n, slot.tally.calls]))
  const width = widthOf(budget)
  // A window shorter than a slot has room several times in one.
  const room = Math.floor(budget.limit * Math.max(1, HISTORY_SLOT_MS / budget.per_ms))
  const last = Math.floor(hour.to / HISTORY_SLOT_MS)
  const granted: number[] = []
  const line: { since: number; calls: number }[] = []
  const told = { delayed: 0, longest_wait_ms: 0, left: 0, busiest: 0, calls: 0 }
  let used = 0
  for (let n = Math.min(last, ...slots.keys()); n <= last; n++) {
    used -= granted.at(-width) ?? 0
    line.push({ since: n, calls: slots.get(n) ?? 0 })
    let left = Math.max(0, room - used)
    let now = 0
    while (left > 0 && line[0] !== undefined) {
      const [next] = line
      const taken = Math.min(left, next.calls)
      next.calls -= taken
      left -= taken
      now += taken
      if (taken > 0 && next.since < n) {
        told.delayed += taken
        told.longest_wait_ms = Math.max(told.longest_wait_ms, (n - next.since) * HISTORY_SLOT_MS)
      }
      if (next.calls > 0) break
      line.shift()
    }
    granted.push(now)
    used += now
    told.calls += now
    told.busiest = Math.max(told.busiest, used)
  }
  told.left = line.reduce((total, { calls }) => total + calls, 0)
  const oldest = line.find(({ calls }) => calls > 0)
  if (oldest !== undefined) {
    told.delayed += told.left
    told.longest_wait_ms = Math.max(told.longest_wait_ms, (last - oldest.since) * HISTORY_SLOT_MS)
  }
  return told
}
