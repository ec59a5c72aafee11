// A kind of job, declared once: what it is called, where it queues, what goes in, what comes out, how it is retried.
import type { z } from 'zod'
import { DataPath } from '../kernel/data-filter.ts'
import { parseOnce } from '../kernel/parse-once.ts'
import { RetryPolicy } from '../retries/words.ts'

export interface Kind<
  Name extends string = string,
  Payload extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
> {
  readonly name: Name
  readonly queue: string
  /** One sentence for whoever enqueues it. */
  readonly summary: string
  /** Checked when a job is accepted and again when it runs. No transforms: what is stored is what was sent. */
  readonly payload: Payload
  /** Checked before a result is stored; members it does not name are left out. */
  readonly result: Result
  readonly retry: RetryPolicy
  /** How long one attempt may run, in ms; a job may ask for another by `options.timeout_ms`. */
  readonly timeoutMs: number
  /** How long an attempt has to end by itself when its signal fires because that time is over or somebody cancelled, in ms; it is
   *  given up then. A job may ask for another by `options.grace_ms`. */
  readonly graceMs: number
  /** Most jobs one process runs at once in the kind's queue; the setting's when absent. The least of a queue counts. */
  readonly concurrency: number | undefined
  /** Whether its handler keeps how far it is and goes on from there elsewhere: a process that stops tells it at once, instead of
   *  waiting for its end. */
  readonly resumes: boolean
  /** Whether k1n alone adds and changes such jobs: nobody may ask for one, and nobody may patch the payload of one that died. */
  readonly isOurs: boolean
  /** Paths into the payload, such as `customer.id`, that jobs of this kind are searched by. */
  readonly indexed: readonly string[]
  /** The service every job of this kind calls, if it is the same one. */
  readonly service: string | undefined
  /** Whether the payload says which service a job of this kind calls. */
  readonly choosesService: boolean
  /** The service a job of this kind calls, if it calls one. */
  serviceOf(payload: z.output<Payload>): string | undefined
}

export interface KindOptions<Name extends string, Payload extends z.ZodType, Result extends z.ZodType> {
  name: Name
  queue: string
  summary: string
  payload: Payload
  result: Result
  /** Five attempts, exponential from 1 s to 15 min with full jitter, unless said. */
  retry?: z.input<typeof RetryPolicy>
  /** 60,000 ms unless said. */
  timeoutMs?: number
  /** 0 unless said, 60,000 at most: a handler is given up when its signal fires. */
  graceMs?: number
  concurrency?: number
  /** Its handler writes down how far it is, ends soon when its signal fires, and goes on from there; false unless said. */
  resumes?: boolean
  /** Nobody but k1n may add such jobs; false unless said. */
  isOurs?: boolean
  /** Paths into the payload that jobs of this kind may be searched by; none unless said. */
  indexed?: readonly string[]
  service?: string | ((payload: z.output<Payload>) => string | undefined)
}

/** Declares a kind. Throws when its retry policy, or a path it is searched by, is not one. */
export const kind = <const Name extends string, Payload extends z.ZodType, Result extends z.ZodType>(
  options: KindOptions<Name, Payload, Result>,
): Kind<Name, Payload, Result> => {
  const {
    retry = {},
    timeoutMs = 60_000,
    graceMs = 0,
    service,
    concurrency,
    resumes = false,
    isOurs = false,
    indexed = [],
    ...declared
  } = options
  return {
    ...declared,
    retry: parseOnce(RetryPolicy, retry),
    timeoutMs,
    graceMs,
    concurrency,
    resumes,
    isOurs,
    indexed: indexed.map((path) => parseOnce(DataPath, path)),
    service: typeof service === 'function' ? undefined : service,
    choosesService: typeof service === 'function',
    serviceOf: (payload) => (typeof service === 'function' ? service(payload) : service),
  }
}

// `any` in the schemas' place: a kind takes its payload in one member and gives it in another, so no other type fits all.
// oxlint-disable-next-line typescript/no-explicit-any -- see above.
export type AnyKind = Kind<string, any, any>

/** All kinds an installation knows, by name. */
export type Catalog = Readonly<Record<string, AnyKind>>

export type PayloadOf<K extends AnyKind> = z.output<K['payload']>
export type ResultOf<K extends AnyKind> = z.input<K['result']>

type ByName<Kinds extends readonly AnyKind[]> = { readonly [K in Kinds[number] as K['name']]: K }

/** Puts kinds together. Throws when two have one name. */
export const catalogOf = <const Kinds extends readonly AnyKind[]>(...kinds: Kinds): ByName<Kinds> => {
  const names = kinds.map((each) => each.name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two kinds are called ${twice}`)
  // No prototype: a job called `constructor` is of no kind.
  return Object.assign(Object.create(null), Object.fromEntries(kinds.map((each) => [each.name, each]))) as ByName<Kinds>
}

/** Names of what may be asked for. */
export const namesOf = (catalog: Catalog): string[] =>
  Object.values(catalog).flatMap(({ name, isOurs }) => (isOurs ? [] : [name]))

/** The queues of a catalog, each once. */
export const queuesOf = (catalog: Catalog): string[] => [...new Set(Object.values(catalog).map((each) => each.queue))]
