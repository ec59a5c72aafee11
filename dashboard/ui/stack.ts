// Reads a stack trace into frames, so that our own can be told from the libraries' and the runtime's.

export interface Frame {
  text: string
  /** The code of whoever wrote the job: not the runtime, not a dependency. Lines that are no frame count as ours. */
  ours: boolean
  /** `file:line:column` when the line names one. */
  place?: string
}

const PLACE = /\(?((?:file:\/\/|\/|[A-Za-z]:\\|\.{0,2}\/|node:)[^()]*?:\d+(?::\d+)?)\)?$/

const isOurs = (place: string): boolean => !/node_modules|^node:|\/node:internal/.test(place)

const readFrame = (line: string): Frame => {
  const text = line.trimEnd()
  if (!/^\s*at /.test(text)) return { text, ours: true }
  const place = PLACE.exec(text)?.[1]
  return place === undefined ? { text, ours: false } : { text, place, ours: isOurs(place) }
}

/** Splits a stack into lines; a hostile or foreign text is kept as it is, at most 500 lines of it. */
export const readStack = (stack: string): Frame[] =>
  stack
    .split('\n', 500)
    .filter((line) => line.trim() !== '')
    .map(readFrame)
