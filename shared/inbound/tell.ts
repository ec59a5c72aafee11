// Tells events from outside: each once in the log, then to who reacts, and remembers what that started.
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { eventLogKey, factHead } from '../stream/log.ts'
import type { Sent } from '../stream/log.ts'
import { FIGURES_MS, INDEXED_MAX, REMEMBERED_MS, figuresKey, indexKey, recordKey } from './keys.ts'
import type { React } from './react.ts'
import type { Started } from './words.ts'

const publish = script(new URL('./publish.lua', import.meta.url))
const settle = script(new URL('./settle.lua', import.meta.url))

/** An event that is ready to be told. */
export interface Ready extends Sent {
  readonly name: string
  readonly at: number
  readonly data: Readonly<Record<string, unknown>>
  /** The data as JSON. */
  readonly text: string
  /** Another one for another content; '' where the id alone decides. */
  readonly digest: string
}

/** What became of an event: `conflict` when its id belongs to another one. */
export type Told =
  | {
      readonly isNew: boolean
      /** What it started was remembered before. */
      readonly isKnown: boolean
      readonly matched: readonly Started[]
    }
  | 'conflict'

type Answer = [1, position: string] | [0, position: string, matched: string | null] | [-1]

/** Events that react at once; each makes a few calls of Redis. */
const TOGETHER = 16

/** Answers for each event in order. Whatever breaks off in the middle is done when the same events are told again. `counts` adds
 *  the first of them to the figures of the source they came through. */
export const tell = async (kernel: Kernel, react: React, ready: readonly Ready[], counts = false): Promise<Told[]> => {
  const answers = await write(kernel, ready, counts)
  const told: Told[] = []
  for (let from = 0; from < ready.length; from += TOGETHER) {
    const some = ready.slice(from, from + TOGETHER)
    told.push(...(await Promise.all(some.map((event, i) => follow(react, event, answers[from + i] ?? [-1])))))
  }
  await remember(kernel, ready, told)
  return told
}

const write = async (kernel: Kernel, ready: readonly Ready[], counts: boolean): Promise<Answer[]> => {
  const [first] = ready
  const figures = figuresKey(kernel, first?.source ?? 'none')
  return (await publish(
    kernel.redis,
    [eventLogKey(kernel), indexKey(kernel), figures, ...ready.map(({ id }) => recordKey(kernel, id))],
    [
      REMEMBERED_MS,
      FIGURES_MS,
      ...(counts ? [kernel.clock.now(), first?.id ?? ''] : ['', '']),
      INDEXED_MAX,
      ...ready.flatMap((event) => [event.digest, factHead(event.name, event.at, event), event.text]),
    ],
  )) as Answer[]
}

/** An event that was told and did not come to react, because something broke off, does so now. */
const follow = async (react: React, { id, name, at, data, hop }: Ready, [as, , known]: Answer): Promise<Told> => {
  if (as === -1) return 'conflict'
  if (typeof known === 'string') return { isNew: false, isKnown: true, matched: JSON.parse(known) as Started[] }
  return { isNew: as === 1, isKnown: false, matched: await react({ id, name, at, data, hop }) }
}

const remember = async (kernel: Kernel, ready: readonly Ready[], told: readonly Told[]): Promise<void> => {
  const news = told.flatMap((one, i) => {
    const id = ready[i]?.id
    return one === 'conflict' || one.isKnown || id === undefined ? [] : [{ id, matched: one.matched }]
  })
  if (news.length === 0) return
  await settle(
    kernel.redis,
    news.map(({ id }) => recordKey(kernel, id)),
    news.map(({ matched }) => JSON.stringify(matched)),
  )
}
