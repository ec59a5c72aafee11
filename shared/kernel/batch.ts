// Joins what is asked for while an earlier call is under way into the next one, so that busy times have few calls.

interface Asked<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Makes the function that asks for one thing. Things of one turn of the event loop, and those that are asked for while a call is
 *  under way, travel together, at most `most` in a call. `send` answers in the order of the items; when it fails, everybody of
 *  that call hears so. What comes alone leaves at once; calls begin at least `apartMs` apart. */
export const createBatch = <Item, Answer>(
  most: number,
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
  apartMs = 0,
): ((item: Item) => Promise<Answer>) => {
  const gathered: Asked<Item, Answer>[] = []
  let isUnderWay = false
  const carry = async (asked: readonly Asked<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await send(asked.map(({ item }) => item))
      asked.forEach(({ resolve }, index) => resolve(answers[index] as Answer))
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
  const run = async (): Promise<void> => {
    while (gathered.length > 0) {
      const next = performance.now() + apartMs
      await carry(gathered.splice(0, most))
      const leftMs = next - performance.now()
      if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs))
    }
    isUnderWay = false
  }
  return (item) =>
    new Promise((resolve, reject) => {
      gathered.push({ item, resolve, reject })
      if (isUnderWay) return
      isUnderWay = true
      setImmediate(() => void run())
    })
}
