// The next run that went wrong, in the order the eye reads: lane after lane from the top, in each from left to right.
import type { Lane } from './lane.ts'
import { isTrouble } from './lod.ts'
import type { TimeWindow } from './scale.ts'
import type { Place } from './walker.ts'

/** Which of a lane's runs, or cells, went wrong and begin in a window, by place in the lane. */
const wrongIn = (lane: Lane, { from, to }: TimeWindow): Place[] => {
  if (lane.told) {
    const { told } = lane
    return told.at.flatMap((at, slot) =>
      at + told.step > from && at < to && (told.failed[slot] ?? 0) + (told.retrying[slot] ?? 0) > 0
        ? [{ lane, slot }]
        : [],
    )
  }
  const found: Place[] = []
  const last = lane.firstFrom(to)
  for (let at = lane.firstFrom(from); at < last; at++)
    if (isTrouble(lane.outcomes[at] as number)) found.push({ lane, slot: lane.slots[at] as number })
  return found
}

/** The failure after, or before, a place; from its end the walk goes on at the other. Undefined when the window holds none. */
export const nextFailure = (
  lanes: readonly Lane[],
  here: Place | undefined,
  by: 1 | -1,
  window: TimeWindow,
): Place | undefined => {
  const all = lanes.flatMap((lane) => wrongIn(lane, window))
  if (all.length === 0) return undefined
  const at = here ? all.findIndex(({ lane, slot }) => lane === here.lane && slot === here.slot) : -1
  if (at >= 0 || !here) return all[(at + by + all.length + (at < 0 && by < 0 ? 1 : 0)) % all.length]
  // Not at a failure: the first behind it, or before it.
  const [row, time] = [lanes.indexOf(here.lane), begin(here)]
  const isBehind = (place: Place): boolean => {
    const other = lanes.indexOf(place.lane)
    return other > row || (other === row && begin(place) > time)
  }
  const behind = all.findIndex(isBehind)
  if (by > 0) return all[behind < 0 ? 0 : behind]
  return all[behind < 0 ? all.length - 1 : (behind - 1 + all.length) % all.length]
}

const begin = ({ lane, slot }: Place): number => (lane.told ? lane.told.at[slot] : lane.store.start[slot]) ?? 0
