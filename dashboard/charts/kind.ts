// What a chart is made of: what it asks for, when it asks again, and the picture that comes of the answer.
import type { api } from '../data/api.ts'
import type { Picture } from './picture.ts'
import type { Scope } from './scope.ts'

export interface Chart<Value> {
  /** Its name in links. */
  id: string
  title: string
  /** Topics of the stream whose events change it. */
  topics: readonly string[]
  /** What it is about, beside the title: "last 1 h", "now". */
  note: (scope: Scope) => string
  load: (api: Api, asked: Asked) => Promise<Value>
  /** Undefined when there is nothing to draw. */
  picture: (value: Value, scope: Scope) => Picture | undefined
  /** What is said then; `good` when that is good news. */
  empty: (value: Value, scope: Scope) => { words: string; good: boolean }
}

export type Api = typeof api

export interface Asked {
  scope: Scope
  /** Server time, epoch ms. */
  now: number
  signal: AbortSignal
}

/** Keeps the parts of one chart of one kind of answer together, whatever it is. */
export const chart = <Value>(parts: Chart<Value>): Chart<Value> => parts

/** "last 1 h", or the two moments. */
export const spanNote = ({ from, range, words }: Scope): string => (from === undefined ? `last ${range.label}` : words)
