// What the stream sends, read from untrusted text: a frame of a known shape or nothing.

export interface EventItem {
  id: string
  event: string
  name: string
  ts: string
  data: Record<string, unknown>
}
export interface DeltaItem {
  sub: number
  topic: string
  seq: number
  set: Record<string, unknown>
  /** What is to be put into rows that are known. */
  patch?: Record<string, unknown>
  del: string[]
}
export type Item = ({ kind: 'delta' } & DeltaItem) | ({ kind: 'event'; sub: number | undefined } & EventItem)

export type Frame =
  | { type: 'hello'; cursor: string; epoch: string | undefined; now: number | undefined; heartbeatMs: number }
  | {
      type: 'snapshot'
      sub: number | undefined
      topic: string
      epoch: string
      seq: number
      rows: Record<string, unknown>
      cursor: string | undefined
    }
  | { type: 'items'; at: number | undefined; items: Item[] }
  /** Facts are missing; `isBehind` because this page could not take them as they came. */
  | { type: 'gap'; sub: number | undefined; isBehind: boolean }
  | { type: 'error'; sub: number | undefined; code: string }
  /** `cursor` is where the log is by now. */
  | { type: 'pong'; at: number | undefined; cursor?: string | undefined }
  | { type: 'subscribed'; sub: number }

type Raw = Record<string, unknown>
export const isRecord = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const number = (value: unknown): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined
const instant = (value: unknown): number | undefined => number(value) ?? number(Date.parse(text(value) ?? ''))
const strings = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []

const readEvent = (raw: Raw): Item | undefined => {
  const [id, event] = [text(raw['id']), text(raw['event'])]
  if (id === undefined || event === undefined) return undefined
  const data = isRecord(raw['data']) ? raw['data'] : {}
  return {
    kind: 'event',
    sub: number(raw['sub']),
    id,
    event,
    name: text(raw['name']) ?? event,
    ts: text(raw['ts']) ?? '',
    data,
  }
}

const readItem = (raw: unknown): Item | undefined => {
  if (!isRecord(raw)) return undefined
  const [sub, topic, seq] = [number(raw['sub']), text(raw['topic']), number(raw['seq'])]
  if (sub === undefined || topic === undefined || seq === undefined) return readEvent(raw)
  const { set, patch } = raw
  return {
    ...{ kind: 'delta', sub, topic, seq, set: isRecord(set) ? set : {}, del: strings(raw['del']) },
    ...(isRecord(patch) && { patch }),
  }
}

const readSnapshot = (raw: Raw): Frame | undefined => {
  const [topic, epoch, seq] = [text(raw['topic']), text(raw['epoch']), number(raw['seq'])]
  if (topic === undefined || epoch === undefined || seq === undefined || !isRecord(raw['rows'])) return undefined
  return {
    type: 'snapshot',
    sub: number(raw['sub']),
    topic,
    epoch,
    seq,
    rows: raw['rows'],
    cursor: text(raw['cursor']),
  }
}

const HEARTBEAT_S = 20

const readers: Record<string, (raw: Raw) => Frame | undefined> = {
  hello: (raw) => ({
    type: 'hello',
    cursor: text(raw['cursor']) ?? '',
    epoch: text(raw['epoch']),
    now: instant(raw['now']),
    heartbeatMs: 1_000 * (number(raw['heartbeat_s']) ?? HEARTBEAT_S),
  }),
  snapshot: readSnapshot,
  batch: (raw) => ({
    type: 'items',
    at: instant(raw['ts']),
    items: (Array.isArray(raw['items']) ? raw['items'] : []).map(readItem).filter((item) => item !== undefined),
  }),
  event: (raw) => {
    const item = readEvent(raw)
    return item && { type: 'items', at: instant(raw['ts']), items: [item] }
  },
  gap: (raw) => ({ type: 'gap', sub: number(raw['sub']) ?? number(raw['id']), isBehind: raw['reason'] === 'behind' }),
  error: (raw) => ({ type: 'error', sub: number(raw['id']), code: text(raw['code']) ?? 'unknown' }),
  pong: (raw) => ({ type: 'pong', at: instant(raw['ts']), cursor: text(raw['cursor']) }),
  subscribed: (raw) => ({ type: 'subscribed', sub: number(raw['id']) ?? -1 }),
}

/** Reads an already parsed frame; an unknown or broken one is nothing. */
export const readFrame = (raw: unknown): Frame | undefined => {
  if (!isRecord(raw)) return undefined
  const type = text(raw['type'])
  return type !== undefined && Object.hasOwn(readers, type) ? readers[type]?.(raw) : undefined
}

/** Reads a frame from text. */
export const parseFrame = (source: string): Frame | undefined => {
  try {
    return readFrame(JSON.parse(source))
  } catch {
    return undefined
  }
}
