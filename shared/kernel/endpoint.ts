// One row of the contract: everything about an endpoint that a server, a client or a document needs, said once.
import type { z } from 'zod'
import type { Json } from './json.ts'
import type { ProblemDefinition } from './problem.ts'

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What a call costs that brings many things at once: one unit for so many of the items in a member of its body. */
export interface ItemCost {
  readonly items: string
  readonly perUnit: number
}

/** What a call costs that searches: more than one unit when one of these members of its query is given. */
export interface SearchCost {
  readonly searching: readonly string[]
  readonly units: number
}

/** What is put into Redis, by how early it is refused: `low` is new work that may wait, `new` any other and what long work keeps,
 *  `again` work that is there and is to be done once more. */
export type Adds = 'low' | 'new' | 'again'

/** For rows of which a `dry_run` adds nothing. */
export const unlessDry =
  (adds: Adds) =>
  (body: unknown): Adds | undefined =>
    (body as { dry_run?: boolean } | undefined)?.dry_run === true ? undefined : adds

/** What a request of a row changes, as the audit tells it. */
export interface Changes {
  /** The kind of thing, such as `schedule`. */
  readonly kind: string
  /** What names the thing: a parameter of the path, or else a member of the thing or of the reply; null where a request is about many. */
  readonly id: string | null
  /** The `operationId` of the row that shows the thing, with the same parameters: asked before, so that what was is known. */
  readonly shownBy?: string
  /** What was asked is kept too, where the answer alone does not tell what was done: a filter, a list. */
  readonly asked?: true
  /** Replies that mean that something changed; all unless said. What is asked with `dry_run` never does. */
  readonly statuses?: readonly number[]
  /** Work that is handed in, of which there may be thousands a second: noted apart, so that it does not push out the rest. */
  readonly log?: 'work'
  /** What it adds to Redis, which is refused while that is nearly full, where the body tells it by that. Work that is handed in adds
   *  `new`. */
  readonly adds?: Adds | ((body: unknown) => Adds | undefined)
}

/** A row. `path` is without version prefix (`/jobs/:task_id`); `at: 'root'` rows live outside `/api` and versioning. */
export interface Endpoint {
  readonly method: Method
  readonly path: `/${string}`
  /** Other paths that answer the same, with the same parameters: second spellings that clients know. */
  readonly aliases?: readonly `/${string}`[]
  readonly at?: 'api' | 'root'
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  /** All of these are needed; `public` needs no credential, an empty list any credential. */
  readonly scopes: readonly string[] | 'public'
  /** Units of quota a call costs, 1 unless said; at most half of the caller's minute is taken for one. */
  readonly cost?: number | ItemCost | SearchCost
  /** `Idempotency-Key` is honoured on `optional` rows. */
  readonly idempotency?: 'none' | 'optional'
  /** What it changes; rows that take anything but GET say so, with `nothing` where they only answer, or change no more than how the
   *  caller's own pages look. */
  readonly changes?: Changes | 'nothing'
  /** The reply shows a secret: what is kept of it for an `Idempotency-Key` is sealed. */
  readonly secretReply?: true
  /** Largest body in bytes, 16 KiB unless said. */
  readonly bodyLimit?: number
  /** Whether a request stays open for as long as something else takes: one that waits for what is to come, brings a large file, or is
   *  bounded by itself. Such do not count among those of one caller that are worked on at once. */
  readonly stays?: (query: unknown) => boolean
  /** `raw` bodies reach the handler as a stream; `types` lists their media types. */
  readonly rawBody?: { types: readonly string[] }
  /** Replies tell the version of what they show as `ETag`; rows that change it honour `If-Match`. */
  readonly etag?: true
  readonly params?: z.ZodType
  readonly query?: z.ZodType
  readonly body?: z.ZodType
  /** A body may be left out altogether. */
  readonly bodyOptional?: boolean
  /** Schema per success status; null means no content. `text` replies are documents other than JSON. */
  readonly replies: Readonly<Record<number, z.ZodType | null>>
  readonly replyType?: string
  /** Problems this row can answer beside those every row can. */
  readonly problems: readonly ProblemDefinition[]
}

/** Declares a row; literal types are kept so that handlers and clients are typed by it. */
export const endpoint = <const Row extends Endpoint>(row: Row): Row => row

/** Every spelling of a row as a row of its own, the row itself first. */
export const spellingsOf = (row: Endpoint): [row: Endpoint, ...others: Endpoint[]] => {
  const { aliases = [], ...rest } = row
  const others = aliases.map((path, index) => ({ ...rest, path, operationId: aliasId(row.operationId, index) }))
  return [row, ...others]
}

const aliasId = (operationId: string, index: number): string =>
  `${operationId}Alias${index === 0 ? '' : String(index + 1)}`

export type Contract = Readonly<Record<string, Readonly<Record<string, Endpoint>>>>

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined
type Input<Schema> = Schema extends z.ZodType ? z.input<Schema> : never

/** What a handler gets after parsing. */
export interface Parsed<Row extends Endpoint> {
  params: Output<Row['params']>
  query: Output<Row['query']>
  body: Row['bodyOptional'] extends true ? Output<Row['body']> | undefined : Output<Row['body']>
}

/** What a handler answers: one of the row's statuses with that status's body. */
export type Reply<Row extends Endpoint> = {
  [Status in keyof Row['replies'] & number]: {
    status: Status
    body: Row['replies'][Status] extends z.ZodType
      ? z.input<Row['replies'][Status]> | (Row['method'] extends 'GET' ? Json<z.input<Row['replies'][Status]>> : never)
      : null
    headers?: Record<string, string>
  }
}[keyof Row['replies'] & number]

/** What a client sends. Members are required where the row has a schema for them. */
export type Call<Row extends Endpoint> = (Row['params'] extends z.ZodType
  ? { params: Input<Row['params']> }
  : { params?: undefined }) &
  (Row['query'] extends z.ZodType ? { query?: Input<Row['query']> } : { query?: undefined }) &
  (Row['body'] extends z.ZodType
    ? Row['bodyOptional'] extends true
      ? { body?: Input<Row['body']> }
      : { body: Input<Row['body']> }
    : { body?: undefined }) & {
    headers?: Record<string, string>
    idempotencyKey?: string
    signal?: AbortSignal
  }

/** What a client gets: the body of whichever success status came. */
export type Result<Row extends Endpoint> = {
  [Status in keyof Row['replies'] & number]: Row['replies'][Status] extends z.ZodType
    ? z.output<Row['replies'][Status]>
    : undefined
}[keyof Row['replies'] & number]
