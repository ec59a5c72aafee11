// Which version of the API a request speaks: path, then header, then Accept, then the body's type, else the current one.
import {
  ApiVersionConflict,
  InvalidApiVersion,
  NotAcceptable,
  UnsupportedApiVersion,
  UnsupportedMediaType,
} from '../../shared/kernel/problems.ts'
import type { Problem } from '../../shared/kernel/problem.ts'

export const SUPPORTED: readonly number[] = [2]
export const CURRENT = 2

const vendorType = /^application\/vnd\.k1n\.v(\d{1,3})\+json$/i
const versioned = /^\/api\/v(\d{1,3})(?=\/|$)(.*)$/
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
  source: 'path' | 'header' | 'accept' | 'content-type' | 'default'
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

const members = (source: string, requested: unknown) => ({
  members: { supported_versions: SUPPORTED, source, requested },
})

const unsupported = (source: 'path' | 'header', requested: number): Problem =>
  UnsupportedApiVersion(`Version ${requested} does not exist; these do: ${SUPPORTED.join(', ')}.`, {
    ...members(source, requested),
    status: source === 'path' ? 404 : 400,
  })

const conflict = (source: string, requested: number[]): Problem =>
  ApiVersionConflict(`The request asks for version ${requested.join(' and for version ')}.`, members(source, requested))

const notAcceptable = (requested: unknown): Problem =>
  NotAcceptable(`Replies come as ${JSON_TYPES}.`, members('accept', requested))

const ofHeader = (header: string | undefined): number | null => {
  if (header === undefined) return null
  if (!/^\s*\d{1,3}\s*$/.test(header))
    throw InvalidApiVersion(
      'X-API-Version must be a whole number.',
      members('header', header.slice(0, 50).toWellFormed()),
    )
  const version = Number(header)
  if (!SUPPORTED.includes(version)) throw unsupported('header', version)
  return version
}

const ofContentType = (header = ''): number | null => {
  const match = vendorType.exec((header.split(';')[0] ?? '').trim())
  if (!match) return null
  const version = Number(match[1])
  if (SUPPORTED.includes(version)) return version
  throw UnsupportedMediaType(`Bodies are read as ${JSON_TYPES}.`, {
    ...members('content-type', version),
    headers: { Accept: JSON_TYPES },
  })
}

/** The version Accept asks for, or null when it leaves that open. `fixed` is what path or header decided. */
const ofAccept = (header: string | undefined, fixed: number | null): number | null => {
  const ranges = parseAccept(header)
  const versions = [...new Set(ranges.flatMap((range) => (range.version === null ? [] : [range.version])))]
  const plain = ranges.length === 0 || ranges.some((range) => plainTypes.has(range.type))
  const usable = versions.find((version) => SUPPORTED.includes(version) && (fixed === null || version === fixed))
  if (usable !== undefined) return usable
  if (plain) return null
  // `text/*` and `application/health+json` are left to the routes that answer with them.
  if (versions.length === 0)
    return ranges.some((range) => range.type.startsWith('text/'))
      ? null
      : refuse(notAcceptable(ranges.map((range) => range.type)))
  return refuse(
    versions.some((version) => SUPPORTED.includes(version))
      ? conflict('accept', [fixed ?? CURRENT, ...versions])
      : notAcceptable(versions),
  )
}

const refuse = (problem: Problem): never => {
  throw problem
}

/** Resolves the version, or throws the problem that names both sides of a contradiction. */
export const negotiate = ({ path, header, accept, contentType }: Asked): Negotiated => {
  if (path !== null && !SUPPORTED.includes(path)) throw unsupported('path', path)
  const byHeader = ofHeader(header)
  const byBody = ofContentType(contentType)
  const byAccept = ofAccept(accept, path ?? byHeader)
  if (path !== null && byHeader !== null && path !== byHeader) throw conflict('path+header', [path, byHeader])
  const version = path ?? byHeader ?? byAccept ?? byBody ?? CURRENT
  if (byBody !== null && byBody !== version) throw conflict('content-type', [version, byBody])
  const source =
    path !== null
      ? 'path'
      : byHeader !== null
        ? 'header'
        : byAccept !== null
          ? 'accept'
          : byBody !== null
            ? 'content-type'
            : 'default'
  return { version, source, vendor: byAccept !== null }
}

/** Splits `/api/v2/jobs` into its version and `/api/jobs`, the path routes are bound to. */
export const splitPath = (path: string): { version: number | null; route: string } => {
  const match = versioned.exec(path)
  return match ? { version: Number(match[1]), route: `/api${match[2] ?? ''}` } : { version: null, route: path }
}

const REMEMBERED_MAX = 500
const remembered = new Map<string, Negotiated>()

/** `negotiate` with a memory: most clients send the same few headers with every request. */
export const negotiateCached = (asked: Asked): Negotiated => {
  const key = `${asked.path ?? ''}\n${asked.header ?? ''}\n${asked.accept ?? ''}\n${asked.contentType ?? ''}`
  const known = remembered.get(key)
  if (known) return known
  const result = negotiate(asked)
  if (remembered.size >= REMEMBERED_MAX) remembered.clear()
  if (key.length < 400) remembered.set(key, result)
  return result
}
