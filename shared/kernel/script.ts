// Lua beside its owner: a file becomes a typed function, loaded once per connection by its digest.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

/** Calls a script. Arguments are positional, as JSON in and out costs more than most small scripts do. */
export type Script = (redis: Redis, keys: string[], args: (string | number | Buffer)[]) => Promise<unknown>

/** Reads `file` when the module loads, or the `data:` URL that a bundle has in its place. The script is sent by digest and
 *  once in full where Redis does not know it. */
export const script = (file: URL): Script => {
  const source = file.protocol === 'data:' ? textOf(file) : readFileSync(file, 'utf8')
  const digest = createHash('sha1').update(source).digest('hex')
  return async (redis, keys, args) => {
    try {
      return await redis.evalsha(digest, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error
      return redis.eval(source, keys.length, ...keys, ...args)
    }
  }
}

const textOf = ({ pathname }: URL): string =>
  Buffer.from(pathname.slice(pathname.indexOf(',') + 1), 'base64').toString()
