// The floor of a start: a program that only loads the libraries the API is made of. Compiled code is remembered, as ours is.
import { enableCompileCache } from 'node:module'

enableCompileCache()
await Promise.all([
  import('koa'),
  import('@koa/router'),
  import('bullmq'),
  import('ioredis'),
  import('zod'),
  import('ws'),
  import('undici'),
])
process.send?.({ type: 'ready' })
setInterval(() => undefined, 60_000)
process.once('SIGTERM', () => process.exit(0))
