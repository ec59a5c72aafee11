// What makes an older version: its routes, and the words around its answers.
import type { Adapter } from './adapter.ts'
import type { Names } from './names.ts'
import type { Numbered } from './paging.ts'

export interface Dialect {
  readonly version: number
  readonly routes: readonly Adapter[]
  /** The answer about one thing. */
  readonly one: (data: unknown) => unknown
  /** One page of a list. */
  readonly page: (rows: unknown[], meta: Numbered['meta']) => unknown
  /** A problem document; mistakes in a body are told by the names it came with. */
  readonly failure: (problem: Record<string, unknown>, names?: Names) => unknown
}
