// Files for browsers: from memory once read, compressed where it helps, with a strong ETag.
import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { Ctx } from './state.ts'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.webmanifest': 'application/manifest+json',
  '.map': 'application/json',
}
const compressible = /^(text|application\/(json|manifest)|image\/svg)/

interface Held {
  mtimeMs: number
  etag: string
  plain: Buffer
  zipped: Buffer | undefined
}

const zip = promisify(gzip)
const held = new Map<string, Held>()

const load = async (path: string, type: string): Promise<Held | undefined> => {
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) return undefined
  const known = held.get(path)
  if (known?.mtimeMs === found.mtimeMs) return known
  const plain = await readFile(path)
  const etag = `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`
  const zipped = compressible.test(type) && plain.length > 1_024 ? await zip(plain, { level: 9 }) : undefined
  const file = { mtimeMs: found.mtimeMs, etag, plain, zipped }
  held.set(path, file)
  return file
}

/** Answers with a file; false when there is none. `path` must have been made by us: nothing here checks where it leads. */
export const sendFile = async (ctx: Ctx, path: string, cacheControl: string): Promise<boolean> => {
  const type = types[extname(path)] ?? 'application/octet-stream'
  const file = await load(path, type)
  if (!file) return false
  ctx.set('Cache-Control', cacheControl)
  ctx.set('ETag', file.etag)
  ctx.status = 200
  // Not `ctx.fresh`: many clients add `Cache-Control: no-cache` beside the tag, and the tag is exact anyway.
  if ((ctx.req.headers['if-none-match'] ?? '').split(/, */).includes(file.etag)) {
    ctx.status = 304
    return true
  }
  ctx.set('Content-Type', type)
  const zipped = file.zipped && ctx.acceptsEncodings('gzip', 'identity') === 'gzip' ? file.zipped : undefined
  if (zipped) ctx.set('Content-Encoding', 'gzip')
  ctx.body = zipped ?? file.plain
  ctx.set('Content-Type', type)
  return true
}
