// The rows that are measured, in the order of the scoreboard.
import type { Row } from './row.ts'
import { enqueue } from './rows/enqueue.ts'
import { recorder } from './rows/recorder.ts'
import { worker } from './rows/worker.ts'

export const rows: readonly Row[] = [enqueue, worker, recorder]
