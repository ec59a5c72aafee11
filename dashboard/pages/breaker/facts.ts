// The figures of a breaker beside its sentence.
import type { Breaker } from '../../../shared/breakers/contract.ts'
import { count, percent } from '../../ui/format.ts'

export interface Fact {
  label: string
  value: string
}

export const factsOf = (breaker: Breaker): Fact[] => [
  { label: 'Calls', value: count(breaker.calls) },
  { label: 'Failed', value: `${count(breaker.failures)} (${percent(breaker.failure_rate)})` },
  { label: 'Slow', value: `${count(breaker.slow_calls)} (${percent(breaker.slow_call_rate)})` },
  { label: 'Refused', value: `${count(breaker.rejected)} since it exists` },
]
