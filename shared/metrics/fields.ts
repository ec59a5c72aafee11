// Fields of the hashes of a minute that are kept by queue: `<queue>|<count>`, where a queue's name may hold anything.

export const splitField = (field: string): [queue: string, name: string] => {
  const mark = field.lastIndexOf('|')
  return [field.slice(0, mark), field.slice(mark + 1)]
}

/** Counts of one minute by name, added up over the wanted queues. */
export const sumsIn = (
  hash: Readonly<Record<string, string>>,
  wants: (queue: string) => boolean,
): ReadonlyMap<string, number> => {
  const sums = new Map<string, number>()
  for (const [field, value] of Object.entries(hash)) {
    const [queue, name] = splitField(field)
    if (wants(queue)) sums.set(name, (sums.get(name) ?? 0) + Number(value))
  }
  return sums
}
