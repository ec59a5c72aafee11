// Starts k1n on this machine: brings what is missing, then runs Redis, API, workers and the demo until Ctrl-C.
import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundle } from './setup/bundle.mjs'
import { node24 } from './setup/node24.mjs'
import { packages } from './setup/packages.mjs'
import { chooseRedis } from './setup/redis.mjs'
import { orExplain } from './setup/say.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The rest is TypeScript and needs the newer Node. Signals are passed on; an IPC channel tells it when we are gone. */
const hand = (/** @type {string} */ node, /** @type {import('./setup/redis.mjs').RedisChoice} */ redis) => {
  const args = ['--disable-warning=ExperimentalWarning', 'scripts/start.ts', JSON.stringify(redis)]
  const child = spawn(node, args, { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] })
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
    process.on(signal, () => child.kill(signal))
  child.once('exit', (code) => process.exit(code ?? 1))
}

await orExplain(async () => {
  await packages(root)
  const node = await node24(root)
  await bundle(root, node)
  hand(node, await chooseRedis('REDIS_URL'))
})
