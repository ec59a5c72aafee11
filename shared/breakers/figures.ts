// Figures of all breakers at once.
import type { Circuit } from './circuit.ts'
import type { BreakerFigures } from './contract.ts'
import { seenBy } from './present.ts'
import type { BreakerState } from './words.ts'

type Row = BreakerFigures['services'][number]

const TOLD = 200

export const figuresOf = (
  names: readonly string[],
  circuits: readonly Circuit[],
  parked: ReadonlyMap<string, number> | undefined,
  now: number,
): BreakerFigures => {
  const rows = circuits.map((circuit, i) => toRow(names[i] ?? '', circuit, parked, now))
  const sum = (of: (row: Row) => number): number => rows.reduce((total, row) => total + of(row), 0)
  const count = (state: BreakerState): number => rows.filter((row) => row.state === state).length
  return {
    total: rows.length,
    by_state: {
      closed: count('closed'),
      open: count('open'),
      half_open: count('half_open'),
      forced_open: count('forced_open'),
      forced_closed: count('forced_closed'),
      disabled: count('disabled'),
    },
    opened_total: sum(({ opened }) => opened),
    rejected_total: sum(({ rejected }) => rejected),
    parked_total: parked === undefined ? null : sum((row) => row.parked ?? 0),
    services: rows.sort((a, b) => Number(a.state === 'closed') - Number(b.state === 'closed') || b.calls - a.calls).slice(0, TOLD), // prettier-ignore
  }
}

const toRow = (
  service: string,
  circuit: Circuit,
  parked: ReadonlyMap<string, number> | undefined,
  now: number,
): Row => {
  const [calls, failures, slow] = seenBy(circuit, now)
  return {
    service,
    state: circuit.state,
    failure_rate: calls === 0 ? 0 : failures / calls,
    slow_call_rate: calls === 0 ? 0 : slow / calls,
    calls,
    rejected: circuit.refused,
    opened: circuit.trips,
    parked: parked === undefined ? null : (parked.get(service) ?? 0),
  }
}
