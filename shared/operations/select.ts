// The first part of a run: stores all items of an operation before the first of them is touched.
import { permanent } from '../catalog/handler.ts'
import { ahead } from '../kernel/ahead.ts'
import { SLICE_MAX } from './kind.ts'
import type { Run, Stop } from './running.ts'
import { showLife } from './tenure.ts'

/** Items an operation may have at most. */
const ITEMS_MAX = 100_000

/** Does nothing when the items are stored already; what was stored of a selection that broke off is replaced. */
export const selectAll = async (run: Run): Promise<Stop | undefined> => {
  const { kind, tenure, work } = run
  if (tenure.record.total !== null) return undefined
  await tenure.advance({ set: { phase: 'selecting' } })
  let total = 0
  let chunk = 0
  await tenure.keep(chunk, [])
  for await (const items of ahead(kind.select(work) as AsyncIterable<unknown[]>, (items) => items)) {
    const stopped = run.stop()
    if (stopped) return stopped
    if (items.length > SLICE_MAX) throw permanent(new Error(`${kind.name} chose ${items.length} at once`))
    const kept = items.slice(0, ITEMS_MAX - total)
    if (kept.length === 0) {
      await showLife(tenure)
      continue
    }
    await tenure.keep(chunk++, kept)
    total += kept.length
    if (total === ITEMS_MAX) break
  }
  await tenure.advance({ set: { phase: 'applying', total } })
  return run.stop()
}
