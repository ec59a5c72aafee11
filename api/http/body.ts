// Reads bodies of JSON strictly: type, size, encoding, depth and number of members are checked before anything is built.
import { isUtf8 } from 'node:buffer'
import type { IncomingMessage } from 'node:http'
import { parse } from 'secure-json-parse'
import {
  BodyTooLarge,
  InvalidJson,
  InvalidRequest,
  InvalidUtf8,
  JsonTooComplex,
  JsonTooDeep,
  RequestTimeout,
  UnsupportedContentEncoding,
  UnsupportedMediaType,
} from '../../shared/kernel/problems.ts'
import type { Problem } from '../../shared/kernel/problem.ts'
import { JSON_TYPES } from '../versions/negotiate.ts'
import { invite } from './invite.ts'

const DEPTH_MAX = 32
/** How long a body of JSON may take to arrive, in ms. */
const ARRIVAL_MS = 30_000
/** How long the rest of a refused body is let run out, so that the client can read why, in ms. */
const LINGER_MS = 2_000
const jsonType = /^application\/(json|merge-patch\+json|vnd\.k1n\.v[12]\+json)$/i

export interface BodyRules {
  /** Largest size in bytes. */
  limit: number
  /** Whether leaving the body out is fine; it is then `undefined`. */
  optional: boolean
}

export interface JsonBody {
  raw: Buffer
  value: unknown
}

/** Members a body may have: 20,000 separators, and more where a route's limit is larger (200,000 at 1 MiB). */
export const separatorsMax = (limit: number): number => Math.max(20_000, Math.floor((limit / 1_048_576) * 200_000))

/** Walks the text once, before it is parsed; a parser would already have paid for what is refused here. */
export const scan = (text: string, separators: number): void => {
  let depth = 0
  let seen = 0
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i)
    if (c === 34) i = endOfString(text, i)
    else if (c === 123 || c === 91) {
      if (++depth > DEPTH_MAX) throw JsonTooDeep(`JSON may be nested ${DEPTH_MAX} levels deep.`)
    } else if (c === 125 || c === 93) depth--
    else if (c === 44 && ++seen > separators) throw JsonTooComplex(`The body may have ${separators} members.`)
  }
}

const endOfString = (text: string, start: number): number => {
  let end = text.indexOf('"', start + 1)
  while (end > 0 && escaped(text, end)) end = text.indexOf('"', end + 1)
  return end < 0 ? text.length : end
}

const escaped = (text: string, at: number): boolean => {
  let slashes = 0
  while (text.charCodeAt(at - 1 - slashes) === 92) slashes++
  return slashes % 2 === 1
}

/** The media type without its parameters, in lower case; undefined when another character set than UTF-8 is named. */
export const typeInUtf8 = (header: string | undefined): string | undefined => {
  const [type = '', ...parameters] = (header ?? '').split(';').map((part) => part.trim())
  const foreign = parameters.some((part) => /^charset=/i.test(part) && !/^charset="?utf-8"?$/i.test(part))
  return foreign ? undefined : type.toLowerCase()
}

const checkType = (header: string | undefined): void => {
  if (jsonType.test(typeInUtf8(header) ?? '')) return
  throw UnsupportedMediaType(`Bodies are read as ${JSON_TYPES} in UTF-8.`, { headers: { Accept: JSON_TYPES } })
}

/** Refuses compressed bodies: a small one can hold a very large one. */
export const checkEncoding = (header: string | undefined): void => {
  if (header === undefined || header.toLowerCase() === 'identity') return
  throw UnsupportedContentEncoding('Send the body without Content-Encoding.', {
    headers: { 'Accept-Encoding': 'identity' },
  })
}

export const tooLarge = (limit: number): Problem =>
  BodyTooLarge(`The body may be ${limit} bytes long.`, { members: { limit } })

const lingering = new WeakSet<IncomingMessage>()

/** Lets what is left of a body that nobody reads run out for a moment; a client that is cut off at once would not see the reply. */
export const linger = (req: IncomingMessage): void => {
  if (req.complete || lingering.has(req)) return
  lingering.add(req)
  req.resume()
  const timer = setTimeout(() => req.destroy(), LINGER_MS)
  timer.unref()
  req.once('close', () => clearTimeout(timer))
}

const collect = (req: IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    invite(req)
    const chunks: Buffer[] = []
    let size = 0
    const timer = setTimeout(() => stop(RequestTimeout('The body took too long to arrive.')), ARRIVAL_MS)
    const onData = (chunk: Buffer): void => {
      size += chunk.length
      if (size > limit) stop(tooLarge(limit))
      else chunks.push(chunk)
    }
    const onEnd = (): void => {
      clearTimeout(timer)
      resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size))
    }
    const onBroken = (): void => stop(InvalidRequest('The body ended before it was complete.'))
    function stop(problem: Problem): void {
      clearTimeout(timer)
      req.off('data', onData).off('end', onEnd).off('aborted', onBroken)
      linger(req)
      reject(problem)
    }
    req.on('data', onData).on('end', onEnd).on('error', onBroken).on('aborted', onBroken)
  })

/** Text as JSON. Problems: `invalid-json`, `json-too-deep`, `json-too-complex`. */
export const parseJson = (text: string, limit: number): unknown => {
  scan(text, separatorsMax(limit))
  try {
    return parse(text, undefined, { protoAction: 'error', constructorAction: 'error' })
  } catch (error) {
    throw InvalidJson(describe(error), { cause: error })
  }
}

/** What is wrong, without a piece of the body: that could be a secret, and it would reach logs. */
const describe = (error: unknown): string => {
  const message = error instanceof Error ? error.message : ''
  if (message.includes('forbidden prototype')) return 'The names `__proto__` and `constructor.prototype` are not read.'
  const position = /position (\d+)/.exec(message)?.[1]
  return position === undefined
    ? 'The body is not complete JSON.'
    : `The body stops being JSON at character ${position}.`
}

const isEmpty = (req: IncomingMessage): boolean => {
  const { 'content-length': length, 'transfer-encoding': chunked } = req.headers
  return chunked === undefined && (length === undefined || length === '0')
}

/** Reads a body as JSON, or throws the problem that says why not. An absent optional body has the value `undefined`. */
export const readJson = async (req: IncomingMessage, { limit, optional }: BodyRules): Promise<JsonBody> => {
  if (optional && isEmpty(req)) return { raw: Buffer.alloc(0), value: undefined }
  checkType(req.headers['content-type'])
  checkEncoding(req.headers['content-encoding'])
  const raw = await readRaw(req, limit)
  return { raw, value: parseJson(textOf(raw), limit) }
}

/** The bytes of a body as they came, at most so many. */
export const readRaw = (req: IncomingMessage, limit: number): Promise<Buffer> => {
  if (Number(req.headers['content-length'] ?? 0) <= limit) return collect(req, limit)
  linger(req)
  throw tooLarge(limit)
}

/** Bytes as text. Problem: `invalid-utf8`. */
export const textOf = (raw: Buffer): string => {
  if (!isUtf8(raw)) throw InvalidUtf8('The body is not UTF-8.')
  return raw.toString('utf8')
}

/** Lets a body that nobody reads run out, so that the connection can be used again; a large one is refused. */
export const dropBody = (req: IncomingMessage, limit = 16_384): void => {
  // A numbered page of version 1 asks a route up to 60 times for one request.
  if (isEmpty(req) || req.readableFlowing === true) return
  linger(req)
  if (Number(req.headers['content-length'] ?? 0) > limit) throw tooLarge(limit)
}
