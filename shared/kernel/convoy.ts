// Sends what one turn of the event loop asks for in one call, and the next one without waiting for its answer.

/** A call that something travels with; the same for all that travels with it, but for `isFirst`. */
export interface Ride<Answer> {
  /** Resolves when the call has begun: what is asked of the same connection from then on comes after it. */
  readonly sent: Promise<undefined>
  /** To be heard by whoever is first, also when it fails. */
  readonly answered: Promise<Answer>
  readonly isFirst: boolean
}

interface Call<Item, Answer> extends Pick<Ride<Answer>, 'sent' | 'answered'> {
  readonly items: Item[]
}

/** Makes the function that asks for one thing. Things of one turn travel together, at most `most` in a call, at the end of the
 *  turn. `send` begins its call at once. */
export const createConvoy = <Item, Answer>(
  most: number,
  send: (items: readonly Item[]) => Promise<Answer>,
): ((item: Item) => Ride<Answer>) => {
  let next: Call<Item, Answer> | undefined
  const begin = (): Call<Item, Answer> => {
    const items: Item[] = []
    const begun = Promise.withResolvers<undefined>()
    const answered = new Promise<Answer>((resolve) => {
      setImmediate(() => {
        next = undefined
        resolve(send(items))
        begun.resolve(undefined)
      })
    })
    return { items, sent: begun.promise, answered }
  }
  return (item) => {
    if (next === undefined || next.items.length === most) next = begin()
    const { items, sent, answered } = next
    items.push(item)
    return { sent, answered, isFirst: items.length === 1 }
  }
}
