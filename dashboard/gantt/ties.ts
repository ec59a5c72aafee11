// What belongs together: parents and children of a run, as lines from the end of one to the start of the other.
import { boxOf, type Box, type View } from './hit.ts'
import type { Layout } from './layout.ts'
import type { RunKey } from './spans.ts'
import type { Tie } from './shown.ts'

/** A job by its queue and id. */
export interface JobKey {
  queue: string
  id: string
}
/** A job and one that it was made for. */
export interface Kin {
  child: JobKey
  parent: JobKey
}

const ATTEMPTS_MAX = 30

/** The last attempt of a job that is known, or -1. */
const slotOf = (layout: Layout, { queue, id }: JobKey): number => {
  for (let attempt = ATTEMPTS_MAX; attempt > 0; attempt--) {
    const slot = layout.store.find({ queue, id, attempt } satisfies RunKey)
    if (slot >= 0) return slot
  }
  return -1
}

/** Lines between those that are drawn; the parent of a flow runs when its children are done. */
export const tiesOf = (layout: Layout, kin: readonly Kin[], view: View): Tie[] =>
  kin.flatMap(({ child, parent }): Tie[] => {
    const [from, to] = [placeOf(layout, child, view), placeOf(layout, parent, view)]
    if (!from || !to) return []
    return [
      {
        key: `${child.queue}:${child.id}`,
        ...{ fromX: from.left + from.width, fromY: from.top + from.height / 2 },
        ...{ toX: to.left, toY: to.top + to.height / 2 },
      },
    ]
  })

const placeOf = (layout: Layout, key: JobKey, view: View): Box | undefined => {
  const slot = slotOf(layout, key)
  const lane = slot < 0 ? undefined : layout.laneOf(slot)
  return lane && boxOf(layout, { kind: 'run', lane, slot }, view)
}
