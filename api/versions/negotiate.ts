// Which version of the API a request speaks: path, then header, then Accept, then the body's type, then the key's, else the
// current one.
import {
  ApiVersionConflict,
  InvalidApiVersion,
  NotAcceptable,
  UnsupportedApiVersion,
  UnsupportedMediaType,
} from '../../shared/kernel/problems.ts'
import type { Problem } from '../../shared/kernel/problem.ts'

/** Every version there ever was. One that was shut down is known, so that who asks for it is told. */
export const KNOWN: readonly number[] = [1, 2]
export const CURRENT = 2

/** A version has one spelling: what passes `/api/v1/` on, or does not, must not be got round by `/api/v01/`. */
const vendorType = /^application\/vnd\.k1n\.v(0|[1-9]\d{0,2})\+json$/i
const versioned = /^\/api\/v(0|[1-9]\d{0,2})(?=\/|$)(.*)$/
const plainTypes = new Set(['*/*', 'application/*', 'application/json', 'application/problem+json'])
export const JSON_TYPES = 'application/json, application/vnd.k1n.v2+json'

/** The parts of a request that decide about its version. */
export interface Asked {
  /** The number in the path, when there is one. */
  path: number | null
  header: string | undefined
  accept: string | undefined
  contentType: string | undefined
}

export interface Negotiated {
  version: number
  source: 'path' | 'header' | 'accept' | 'content-type' | 'key' | 'default'
  /** Whether the reply carries the vendor media type. */
  vendor: boolean
}

interface Range {
  type: string
  quality: number
  version: number | null
}

const quality = (parameters: string[]): number => {
  const q = parameters.find((parameter) => /^q=/i.test(parameter))
  return q === undefined ? 1 : Math.min(1, Math.max(0, Number(q.slice(2)) || 0))
}

/** The media ranges of an Accept header, best first; refused ones (`q=0`) left out. */
export const parseAccept = (header = ''): Range[] =>
  header
    .split(',')
    .map((part) => part.split(';').map((piece) => piece.trim()))
    .filter(([type]) => type !== '')
    .map(([type = '', ...parameters]) => {
      const vendor = vendorType.exec(type)
      return { type: type.toLowerCase(), quality: quality(parameters), version: vendor ? Number(vendor[1]) : null }
    })
    .filter((range) => range.quality > 0)
    .sort((a, b) => b.quality - a.quality)

/** What every refusal says beside its sentence. */
type Members = (source: string, requested: unknown) => { members: Record<string, unknown> }

const membersFor =
  (alive: readonly number[]): Members =>
  (source, requested) => ({ members: { supported_versions: alive, source, requested } })

const refuse = (problem: Problem): never => {
  throw problem
}

const unsupported = (source: 'path' | 'header', requested: number, members: Members): never =>
  refuse(
    UnsupportedApiVersion(`There is no version ${requested}.`, {
      ...members(source, requested),
      status: source === 'path' ? 404 : 400,
    }),
  )

const conflict = (source: string, requested: number[], members: Members): never =>
  refuse(
    ApiVersionConflict(
      `The request asks for version ${requested.join(' and for version ')}.`,
      members(source, requested),
    ),
  )

const notAcceptable = (requested: unknown, members: Members): never =>
  refuse(NotAcceptable(`Replies come as ${JSON_TYPES}.`, members('accept', requested)))

const ofPath = (path: number | null, members: Members): number | null =>
  path === null || KNOWN.includes(path) ? path : unsupported('path', path, members)

const ofHeader = (header: string | undefined, members: Members): number | null => {
  if (header === undefined) return null
  if (!/^\s*(0|[1-9]\d{0,2})\s*$/.test(header))
    throw InvalidApiVersion(
      'X-API-Version must be a whole number.',
      members('header', header.slice(0, 50).toWellFormed()),
    )
  const version = Number(header)
  return KNOWN.includes(version) ? version : unsupported('header', version, members)
}

const ofContentType = (header: string | undefined, members: Members): number | null => {
  const match = vendorType.exec((header?.split(';')[0] ?? '').trim())
  if (!match) return null
  const version = Number(match[1])
  if (KNOWN.includes(version)) return version
  throw UnsupportedMediaType(`Bodies are read as ${JSON_TYPES}.`, {
    ...members('content-type', version),
    headers: { Accept: JSON_TYPES },
  })
}

/** The version Accept asks for, or null when it leaves that open. `fixed` is what path or header decided. A version that was shut
 *  down is taken only where nothing else will do. */
const ofAccept = (
  header: string | undefined,
  fixed: number | null,
  alive: readonly number[],
  members: Members,
): number | null => {
  const ranges = parseAccept(header)
  const versions = [...new Set(ranges.flatMap((range) => (range.version === null ? [] : [range.version])))]
  const fitting = versions.filter((version) => KNOWN.includes(version) && (fixed === null || version === fixed))
  const plain = ranges.find((range) => plainTypes.has(range.type))
  const usable = fitting.find((version) => alive.includes(version))
  if (usable !== undefined && !isBetter(plain, rangeOf(ranges, usable))) return usable
  if (ranges.length === 0 || plain !== undefined) return null
  if (fitting[0] !== undefined) return fitting[0]
  // `text/*` is left to the routes that answer with it.
  if (versions.length === 0 && ranges.some((range) => range.type.startsWith('text/'))) return null
  const known = versions.some((version) => KNOWN.includes(version))
  return known && fixed !== null
    ? conflict('accept', [fixed, ...versions], members)
    : notAcceptable(versions.length > 0 ? versions : ranges.map((range) => range.type), members)
}

const rangeOf = (ranges: Range[], wanted: number): Range | undefined => ranges.find(({ version }) => version === wanted)

const isBetter = (one: Range | undefined, other: Range | undefined): boolean =>
  (one?.quality ?? 0) > (other?.quality ?? 0)

const sourceOf = (path: number | null, header: number | null, accept: number | null, body: number | null) => {
  if (path !== null) return 'path'
  if (header !== null) return 'header'
  if (accept !== null) return 'accept'
  return body === null ? 'default' : 'content-type'
}

/** Resolves the version, or throws the problem that names both sides of a contradiction. `alive` are the versions that answer. */
export const negotiate = (asked: Asked, alive: readonly number[]): Negotiated => {
  const members = membersFor(alive)
  const path = ofPath(asked.path, members)
  const header = ofHeader(asked.header, members)
  const body = ofContentType(asked.contentType, members)
  const accept = ofAccept(asked.accept, path ?? header, alive, members)
  if (path !== null && header !== null && path !== header) conflict('path+header', [path, header], members)
  const version = path ?? header ?? accept ?? body ?? CURRENT
  if (body !== null && body !== version) conflict('content-type', [version, body], members)
  return { version, source: sourceOf(path, header, accept, body), vendor: accept !== null }
}

/** The version a key is pinned to decides where the request says nothing. */
export const withPin = (negotiated: Negotiated, pinned: number | undefined): Negotiated =>
  negotiated.source === 'default' && pinned !== undefined
    ? { ...negotiated, version: pinned, source: 'key' }
    : negotiated

/** Splits `/api/v2/jobs` into its version and `/api/jobs`, the path routes are bound to. */
export const splitPath = (path: string): { version: number | null; route: string } => {
  const match = versioned.exec(path)
  return match ? { version: Number(match[1]), route: `/api${match[2] ?? ''}` } : { version: null, route: path }
}

const REMEMBERED_MAX = 500
const remembered = new Map<string, Negotiated>()
let rememberedFor: readonly number[] | undefined

/** `negotiate` with a memory: most clients send the same few headers with every request. */
export const negotiateCached = (asked: Asked, alive: readonly number[]): Negotiated => {
  if (alive !== rememberedFor || remembered.size >= REMEMBERED_MAX) remembered.clear()
  rememberedFor = alive
  // An empty header is a mistake, none is not.
  const header = asked.header === undefined ? '' : `=${asked.header}`
  const key = `${asked.path ?? ''}\n${header}\n${asked.accept ?? ''}\n${asked.contentType ?? ''}`
  const known = remembered.get(key)
  if (known) return known
  const result = negotiate(asked, alive)
  if (key.length < 400) remembered.set(key, result)
  return result
}
