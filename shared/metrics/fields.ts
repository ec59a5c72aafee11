// Fields of the hashes of a minute that are kept by queue: `<queue>|<count>`, where a queue's name may hold anything.

export const splitField = (field: string): [queue: string, name: string] => {
  const mark = field.lastIndexOf('|')
  return [field.slice(0, mark), field.slice(mark + 1)]
}
