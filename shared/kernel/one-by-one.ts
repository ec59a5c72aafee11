// Doing what must not be done twice at once one after the other, in this process.

/** Does a piece of work when all that was asked for of the same key before has ended, however it ended. */
export type OneByOne = <Result>(key: string, work: () => Promise<Result>) => Promise<Result>

export const createOneByOne = (): OneByOne => {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work)
    const ended = mine
      .catch(() => undefined)
      .then(() => {
        if (last.get(key) === ended) last.delete(key)
      })
    last.set(key, ended)
    return mine
  }
}
