// Globs over queue names: `*` stands for any run of characters, everything else for itself.

const pattern = (glob: string): RegExp =>
  new RegExp(`^${glob.replace(/[.*+?^${}()|[\]\\]/g, (mark) => (mark === '*' ? '.*' : `\\${mark}`))}$`, 's')

/** Answers whether a name fits at least one of the globs. */
export const matcher = (globs: readonly string[]): ((name: string) => boolean) => {
  if (globs.includes('*')) return () => true
  const patterns = globs.map(pattern)
  return (name) => patterns.some((one) => one.test(name))
}

const matchers = new WeakMap<readonly string[], (name: string) => boolean>()

/** Whether a principal's queues include this one. The globs of one principal are compiled once. */
export const allowsQueue = (principal: { queues: readonly string[] }, queue: string): boolean => {
  const known = matchers.get(principal.queues) ?? matcher(principal.queues)
  matchers.set(principal.queues, known)
  return known(queue)
}
