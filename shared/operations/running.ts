// What the parts of a run work with, and how a run comes to stand.
import type { Kernel } from '../kernel/kernel.ts'
import type { AnyItemsKind, AnyOperationKind, Work } from './kind.ts'
import type { OperationStore } from './store.ts'
import type { Tenure } from './tenure.ts'

/** What the parts of a run work with. */
export interface Run<Kind extends AnyOperationKind = AnyItemsKind> {
  readonly kernel: Kernel
  readonly store: OperationStore
  readonly kind: Kind
  readonly tenure: Tenure
  readonly work: Work<unknown>
  /** What to do instead of going on; undefined when nothing keeps it. */
  stop(): Stop | undefined
}

export type Stop = 'cancel' | 'pause' | 'leave'

/** How a run came to stand: all was gone through (undefined), something keeps it, it pauses by itself, or it failed. */
export type Standing = Stop | { readonly reason: string } | { readonly failure: string } | undefined
