// What the history keeps of the end of a run; the recorder writes it.
import type { z } from 'zod'
import type { TaskExecuted } from './run-events.ts'

export interface RunEnd {
  readonly outcome: z.output<typeof TaskExecuted.data>['outcome']
  /** When the last attempt began, epoch ms; null for a job that never did. */
  readonly started_at: number | null
  readonly finished_at: number
  readonly error?: z.output<typeof TaskExecuted.data>['error']
}
