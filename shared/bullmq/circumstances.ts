// What decides in BullMQ whether a job may run, beside the lists it is in: limits of its queue, its lock, its children.
import { formatAddress, parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import type { BullKeys } from './keys.ts'

export interface Circumstances {
  /** Jobs the queue runs at once, for all workers together; undefined where nobody set it. */
  readonly concurrency: number | undefined
  /** The queue's own rate limit. A worker may bring one that is not stored anywhere. */
  readonly rate: { readonly max: number; readonly durationMs: number } | undefined
  /** The window of a rate limit that runs now: jobs started in it, and how long it still lasts. */
  readonly window: { readonly started: number; readonly endsInMs: number } | undefined
  /** How long the lock of the job still holds; undefined where there is none. */
  readonly lockMs: number | undefined
  /** Whether the last look for stalled jobs saw the job, and its worker has not renewed the lock since. */
  readonly suspected: boolean
  /** How long until workers look for stalled jobs again; undefined where nobody has looked lately. */
  readonly stalledCheckMs: number | undefined
  /** When a job of the queue was last taken, in epoch ms, as far as the newest events tell. */
  readonly takenAt: number | undefined
}

export interface ChildrenOf {
  readonly awaited: number
  readonly ended: number
  /** Failed, and the parent need not wait for them. */
  readonly forgiven: number
  /** How many of the awaited ones were looked at. */
  readonly searched: number
  /** Awaited ones that have failed, of those looked at. */
  readonly failed: number
  /** Addresses of some of them, failed ones first. */
  readonly some: readonly { readonly address: string; readonly failed: boolean }[]
}

const lastActive = script(new URL('./last-active.lua', import.meta.url))
/** Events looked at for the last job that was taken. */
const EVENTS = 50

/** Reads them by one pipeline of commands that look at no list, and the newest events. */
export const readCircumstances = async (kernel: Kernel, keys: BullKeys, { id }: Address): Promise<Circumstances> => {
  const [decided, takenAt] = await Promise.all([
    readDeciding(kernel, keys, id),
    lastActive(kernel.redis, [keys.events], [EVENTS]),
  ])
  return { ...decided, takenAt: positive(takenAt) }
}

const readDeciding = async (kernel: Kernel, keys: BullKeys, id: string): Promise<Omit<Circumstances, 'takenAt'>> => {
  const replies =
    (await kernel.redis
      .pipeline()
      .hmget(keys.meta, 'concurrency', 'max', 'duration')
      .get(keys.limiter)
      .pttl(keys.limiter)
      .pttl(keys.lock(id))
      .sismember(keys.stalled, id)
      .pttl(keys.stalledCheck)
      .exec()) ?? []
  const [meta, started, windowMs, lockMs, suspected, checkMs] = replies.map(([error, value]) => {
    if (error && !error.message.startsWith('WRONGTYPE')) throw error
    return error ? undefined : value
  })
  const [concurrency, max, durationMs] = Array.isArray(meta) ? meta.map(positive) : []
  const endsInMs = positive(windowMs)
  return {
    concurrency,
    rate: max === undefined ? undefined : { max, durationMs: durationMs ?? 0 },
    window: endsInMs === undefined ? undefined : { started: positive(started) ?? 0, endsInMs },
    lockMs: positive(lockMs),
    suspected: suspected === 1,
    stalledCheckMs: positive(checkMs),
  }
}

const positive = (value: unknown): number | undefined => {
  const number = typeof value === 'number' ? value : Number(value ?? Number.NaN)
  return number > 0 ? number : undefined
}

const childrenScript = script(new URL('./children.lua', import.meta.url))
/** Children looked at; a thousand look-ups hold Redis for about a millisecond. */
const LOOK = 1_000
const NAMED = 5

/** What a parent waits for. Of very many children a thousand are looked at. */
export const readChildren = async (kernel: Kernel, keys: BullKeys, { id }: Address): Promise<ChildrenOf> => {
  const hash = keys.job(id)
  const names = ['dependencies', 'processed', 'failed', 'unsuccessful'].map((name) => `${hash}:${name}`)
  const prefix = `${kernel.bullPrefix}:`
  const reply = (await childrenScript(kernel.redis, names, [prefix, LOOK, NAMED])) as (number | string)[]
  const [awaited = 0, ended = 0, forgiven = 0, searched = 0, failed = 0] = reply.slice(0, 5).map(Number)
  const some: { address: string; failed: boolean }[] = []
  for (let at = 5; at + 1 < reply.length; at += 2)
    some.push({ address: addressOf(prefix, String(reply[at])), failed: reply[at + 1] === 'failed' })
  return { awaited, ended, forgiven, searched, failed, some }
}

const childKeysScript = script(new URL('./child-keys.lua', import.meta.url))

/** The children of a parent, whatever became of them: how many, and up to so many of them. */
export interface ChildKeys {
  readonly total: number
  readonly some: readonly Address[]
}

/** Children that are gone are counted as long as their parent knows of them. */
export const readChildKeys = async (
  kernel: Kernel,
  keys: BullKeys,
  { id }: Address,
  most: number,
): Promise<ChildKeys> => {
  const hash = keys.job(id)
  const names = ['dependencies', 'processed', 'failed', 'unsuccessful'].map((name) => `${hash}:${name}`)
  const [total, ...found] = (await childKeysScript(kernel.redis, names, [most])) as [number, ...string[]]
  const prefix = `${kernel.bullPrefix}:`
  return { total, some: found.flatMap((key) => parseAddress(addressOf(prefix, key)) ?? []) }
}

const addressOf = (prefix: string, key: string): string => {
  const [queue = '', ...rest] = (key.startsWith(prefix) ? key.slice(prefix.length) : key).split(':')
  return formatAddress({ queue, id: rest.join(':') })
}
