// Working ahead: the next of a series are on their way while the one before is taken.

/** How many are on their way. */
const AHEAD = 2

/** Gives what `work` makes of each of a series, in their order. What is on its way when somebody stops early is waited for,
 *  and the series ends as well; a failure is told when it is its turn. */
export async function* ahead<Item, Result>(
  series: AsyncIterable<Item>,
  work: (item: Item) => Result | Promise<Result>,
): AsyncGenerator<Result, undefined> {
  const iterator = series[Symbol.asyncIterator]()
  const begin = (): Promise<{ result: Result } | undefined> => {
    const step = iterator
      .next()
      .then(async ({ done, value }) => (done === true ? undefined : { result: await work(value) }))
    step.catch(() => undefined)
    return step
  }
  const begun = Array.from({ length: AHEAD }, begin)
  try {
    for (;;) {
      const next = await begun.shift()
      if (next === undefined) return undefined
      begun.push(begin())
      yield next.result
    }
  } finally {
    await Promise.allSettled(begun)
    await iterator.return?.()
  }
}
