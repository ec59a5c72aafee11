// Server-sent events and long-poll: the same facts and states as on the socket, over plain HTTP, by the same cursor.
import { PassThrough } from 'node:stream'
import type { Readable } from 'node:stream'
import type { Principal } from '../../shared/auth/contract.ts'
import { readLog, readMissed } from '../../shared/stream/read.ts'
import { interestOf, isStateTopic } from '../../shared/stream/topics.ts'
import { InvalidParameter } from '../../shared/kernel/problems.ts'
import type { Result } from '../../shared/kernel/endpoint.ts'
import type { stream } from '../../shared/stream/contract.ts'
import { headOf } from '../../shared/stream/tail.ts'
import type { TailEntry } from '../../shared/stream/tail.ts'
import { epoch } from './state.ts'
import type { Topic } from './state.ts'
import { subscribe } from './subscription.ts'
import type { Live } from './subscription.ts'

const KEEPALIVE_MS = 15_000
const BUFFER_MAX = 1_048_576

export interface Listening {
  topics: readonly string[]
  after?: string | undefined
}

/** The states that are asked for. Throws `invalid-parameter` for one there is not, or that may not be seen. */
const statesOf = (live: Live, principal: Principal, topics: readonly string[]): { name: string; topic: Topic }[] => {
  const states = topics.filter(isStateTopic)
  const unknown = states.filter((name) => !live.topics.has(principal, name))
  if (unknown.length === 0)
    return states.flatMap((name) => {
      const topic = live.topics.open(principal, name)
      return topic ? [{ name, topic }] : []
    })
  throw InvalidParameter(`There is no topic ${unknown.join(', ')}.`, {
    errors: unknown.map((name) => ({
      parameter: 'topics',
      in: 'query',
      code: 'unknown-topic',
      detail: `there is no topic ${name}`,
    })),
  })
}

/** Opens an event stream; it ends when the signal aborts or the reader falls a mebibyte behind. */
export const openSse = (
  live: Live,
  principal: Principal,
  { topics, after }: Listening,
  signal: AbortSignal,
): Readable => {
  const states = statesOf(live, principal, topics)
  const stream = new PassThrough()
  const write = (text: string): void => {
    if (stream.writableEnded) return
    if (stream.writableLength > BUFFER_MAX) stream.destroy()
    else stream.write(text)
  }
  const ends = states.map(({ name, topic }) => watchState(live, name, topic, write))
  const facts = topics.filter((topic) => !isStateTopic(topic))
  const outlet = {
    send: (text: string) => write(toSse(text)),
    batch: (text: string) => write(toSse(text)),
    facts: (_sub: number, text: string) => write(toSse(text)),
    slow: false,
    setCatchingUp: () => undefined,
    hasLeftOut: () => false,
    onReady: () => () => undefined,
  }
  if (facts.length > 0) ends.push(subscribe(live, principal, { id: 0, topics: facts, after, batch: false }, outlet))
  const beat = setInterval(() => write(': alive\n\n'), KEEPALIVE_MS)
  const end = (): void => {
    clearInterval(beat)
    for (const stop of ends) stop()
    stream.end()
  }
  stream.once('close', end)
  signal.addEventListener('abort', end, { once: true })
  write(`retry: 1000\n\n`)
  return stream
}

const toSse = (frame: string): string => {
  const { id, event, type } = JSON.parse(frame) as { id?: string; event?: string; type: string }
  return `${typeof id === 'string' ? `id: ${id}\n` : ''}event: ${event ?? type}\ndata: ${frame}\n\n`
}

const snapshot = (live: Live, name: string, topic: Topic, seq: number) => ({
  type: 'snapshot' as const,
  topic: name,
  epoch,
  seq,
  rows: Object.fromEntries(topic.rows),
  cursor: live.tail.last ?? '0-0',
})

/** Tells a state topic as whole snapshots, one whenever it changed. */
const watchState = (live: Live, name: string, topic: Topic, write: (text: string) => void): (() => void) => {
  let seq = 0
  let ended = false
  let unwatch = (): void => undefined
  const tell = (): void => write(`event: snapshot\ndata: ${JSON.stringify(snapshot(live, name, topic, seq++))}\n\n`)
  topic.ready.then(
    () => {
      if (ended) return
      unwatch = topic.watch(tell)
      tell()
    },
    () => write(toSse(JSON.stringify({ type: 'error', topic: name, code: 'redis-unavailable' }))),
  )
  return () => {
    ended = true
    unwatch()
  }
}

export interface Poll extends Listening {
  limit: number
  waitMs: number
}

export type PollPage = Result<typeof stream.poll>

const toFrame = (entry: TailEntry) => ({
  type: 'event' as const,
  ...headOf(entry, entry.live),
  data: entry.value,
})

/** A change this young may have come between two questions of one listener; it is told again rather than lost. */
const YOUNG_MS = 1_000
const YOUNG_REST_MS = 250

/** Answers what there is after the cursor, or waits for something. */
export const poll = async (live: Live, principal: Principal, ask: Poll, signal: AbortSignal): Promise<PollPage> => {
  const states = statesOf(live, principal, ask.topics)
  const news = waitFor(
    live,
    states.map(({ topic }) => topic),
    signal,
  )
  try {
    await Promise.all(states.map(({ topic }) => topic.ready))
    const begun = Date.now()
    let page = await readPage(live, principal, ask)
    const young = ask.after === undefined || states.some(({ topic }) => topic.changedAt > begun - YOUNG_MS)
    const isDone = (): boolean =>
      page.data.length > 0 || states.some(({ topic }) => topic.changedAt >= begun) || (young && states.length > 0)
    const until = begun + ask.waitMs
    if (young && states.length > 0 && ask.after !== undefined && page.data.length === 0)
      await news.next(Math.min(ask.waitMs, YOUNG_REST_MS))
    while (!isDone() && Date.now() < until && !signal.aborted) {
      await news.next(until - Date.now())
      page = await readPage(live, principal, { ...ask, after: page.cursor })
    }
    const told = states.filter(({ topic }) => young || topic.changedAt >= begun)
    return { ...page, data: [...page.data, ...told.map(({ name, topic }) => snapshot(live, name, topic, 0))] }
  } finally {
    news.stop()
  }
}

const readPage = async (live: Live, principal: Principal, ask: Poll): Promise<PollPage> => {
  const topics = ask.topics.filter((topic) => !isStateTopic(topic))
  if (ask.after === undefined) return { data: [], cursor: live.tail.last ?? '0-0', has_more: false }
  const kept = await readMissed(live.kernel, live.tail, ask.after, ask.limit * 4)
  // What is in memory has no hole; the log may be a moment ahead of it, or know that the cursor is none of its own.
  const missed =
    kept.complete && kept.entries.length === 0 ? await readLog(live.kernel, ask.after, ask.limit * 4) : kept
  const interests = interestOf(principal, { topics })
  const wanted = missed.entries.filter(interests)
  const shown = wanted.slice(0, ask.limit)
  const has_more = wanted.length > shown.length || missed.more === true
  const cursor = wanted.length > shown.length ? (shown.at(-1)?.id ?? ask.after) : missed.cursor
  return {
    data: [...(missed.gap === undefined ? [] : [{ type: 'gap' as const, oldest: missed.gap }]), ...shown.map(toFrame)],
    cursor,
    has_more,
  }
}

/** Wakes when the log or one of the topics has news. */
const waitFor = (live: Live, topics: readonly Topic[], signal: AbortSignal) => {
  let wake = (): void => undefined
  const ring = (): void => wake()
  const stops = [live.tail.listen(ring), ...topics.map((topic) => topic.watch(ring))]
  signal.addEventListener('abort', ring, { once: true })
  return {
    next: (ms: number) =>
      new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, ms))
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      }),
    stop: () => {
      for (const stop of stops) stop()
    },
  }
}
