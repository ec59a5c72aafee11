// Joins what is asked for in one turn of the event loop into few calls.

interface Asked<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/** Makes the function that asks for one thing: things of one turn travel together, at most `most` in a call. `send` answers in
 *  the order of the items; when it fails, everybody of that call hears so. */
export const createBatch = <Item, Answer>(
  most: number,
  send: (items: readonly Item[]) => Promise<readonly Answer[]>,
): ((item: Item) => Promise<Answer>) => {
  let gathered: Asked<Item, Answer>[] = []
  const carry = async (asked: readonly Asked<Item, Answer>[]): Promise<void> => {
    try {
      const answers = await send(asked.map(({ item }) => item))
      asked.forEach(({ resolve }, index) => resolve(answers[index] as Answer))
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
  const flush = (): void => {
    const due = gathered
    gathered = []
    for (let start = 0; start < due.length; start += most) void carry(due.slice(start, start + most))
  }
  return (item) =>
    new Promise((resolve, reject) => {
      if (gathered.length === 0) setImmediate(flush)
      gathered.push({ item, resolve, reject })
    })
}
