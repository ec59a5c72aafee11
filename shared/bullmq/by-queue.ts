// Many things of many queues, worked on queue by queue.

/** Makes one call for each queue, all at once, and answers what they answer in the order of the things. */
export const byQueue = async <Item extends { readonly queue: string }, Answer>(
  items: readonly Item[],
  work: (queue: string, items: readonly Item[]) => Promise<readonly Answer[]>,
): Promise<Answer[]> => {
  const places = new Map<string, number[]>()
  items.forEach(({ queue }, place) => {
    const known = places.get(queue)
    if (known) known.push(place)
    else places.set(queue, [place])
  })
  const answers = new Array<Answer>(items.length)
  const workOn = async (queue: string, own: readonly number[]): Promise<void> => {
    const some = await work(
      queue,
      own.map((place) => items[place] as Item),
    )
    own.forEach((place, index) => (answers[place] = some[index] as Answer))
  }
  await Promise.all([...places].map(([queue, own]) => workOn(queue, own)))
  return answers
}
