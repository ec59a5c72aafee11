// Reading ahead: the next of a series is on its way while the one before is worked on.

/** Gives what `series` gives, one asked for ahead. Whoever stops early lets the series end as well. */
export async function* ahead<Item>(series: AsyncIterable<Item>): AsyncGenerator<Item> {
  const iterator = series[Symbol.asyncIterator]()
  let next = iterator.next()
  try {
    for (;;) {
      const result = await next
      if (result.done === true) return
      next = iterator.next()
      // It is waited for when it is its turn; until then a failure is nobody's.
      next.catch(() => undefined)
      yield result.value
    }
  } finally {
    await next.catch(() => undefined)
    await iterator.return?.()
  }
}
