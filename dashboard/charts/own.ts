// Charts that are no series over buckets: they draw themselves, and say the rest like all others.
import type { Api, Asked } from './kind.ts'
import type { SearchChanges } from '../path.ts'
import type { Scope } from './scope.ts'

export interface OwnRow {
  key: string
  cells: string[]
  /** Where the row leads. */
  leads?: OwnLeads | undefined
}

/** The runs of a time, or a schedule. */
export type OwnLeads = { timeline: SearchChanges } | { schedule: string }

export interface OwnTable {
  columns: string[]
  rows: OwnRow[]
}

export interface OwnChart<Value> {
  /** Its name in links. */
  id: string
  title: string
  topics: readonly string[]
  note: (scope: Scope) => string
  load: (api: Api, asked: Asked) => Promise<Value>
  /** Why there is nothing to draw; undefined when there is. */
  empty: (value: Value, scope: Scope) => string | undefined
  reading: (value: Value, scope: Scope) => string
  table: (value: Value, scope: Scope) => OwnTable
}

export const ownChart = <Value>(parts: OwnChart<Value>): OwnChart<Value> => parts
