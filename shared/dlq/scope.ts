// Where and when a filter looks at all.
import type { Bull } from '../bullmq/bullmq.ts'
import type { Range } from '../bullmq/newest.ts'
import type { DlqFilter } from './words.ts'

/** The queues a filter names, or all, of those there are. */
export const there = async (bull: Bull, { queue }: DlqFilter): Promise<string[]> => {
  const known = queue ?? (await bull.current())
  const exist = await Promise.all(known.map((name) => bull.exists(name)))
  return [...new Set(known.filter((_, index) => exist[index]))]
}

const ms = (text: string | undefined): number | undefined => (text === undefined ? undefined : Date.parse(text))

export const rangeOf = ({ from, to }: DlqFilter): Range => ({ from: ms(from), before: ms(to) })
