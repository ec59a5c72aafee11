// Long lists by script calls of a bounded size, so that none of them holds up Redis.

/** Jobs changed by one script call: Redis is held for some 3 ms. */
const SLICE = 200

/** Runs `work` over slices of the list, all on their way at once, and answers their answers in order. */
export const inSlices = async <Item, Answer>(
  items: readonly Item[],
  work: (slice: readonly Item[]) => Promise<Answer[]>,
): Promise<Answer[]> => {
  const slices = Array.from({ length: Math.ceil(items.length / SLICE) }, (_, n) =>
    work(items.slice(n * SLICE, (n + 1) * SLICE)),
  )
  return (await Promise.all(slices)).flat()
}
