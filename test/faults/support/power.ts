// Loss of power, as a file system sees it: what had not been synced to the disk when it happened is gone.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, statSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ownRedis } from '../../../scripts/setup/redis.mjs'

const source = fileURLToPath(new URL('./syncshim.c', import.meta.url))

/** Why power cannot be lost on this machine; undefined when it can. */
export const cannotLosePower = async (): Promise<string | undefined> => {
  if (process.platform !== 'linux') return 'the shim that watches syncs needs Linux'
  if (spawnSync('gcc', ['--version']).status !== 0) return 'there is no gcc to compile the shim that watches syncs'
  if ((await ownRedis()).kind !== 'program')
    return 'Redis runs in a container, out of reach of the shim that watches syncs'
  return undefined
}

/** Compiles the shim; answers the environment a Redis must be started with to be watched. */
export const watchSyncs = (dir: string): { env: Record<string, string>; log: string } => {
  const [shim, log] = [join(dir, 'syncshim.so'), join(dir, 'syncs')]
  const { status, stderr } = spawnSync('gcc', ['-O2', '-shared', '-fPIC', '-o', shim, source, '-ldl'], {
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`the shim does not compile:\n${stderr}`)
  return { env: { LD_PRELOAD: shim, SYNCLOG: log }, log }
}

/** Cuts the append-only files of a Redis that was killed to what had reached the disk. Answers the bytes that are gone. */
export const losePower = (redisDir: string, log: string): number => {
  const dir = join(redisDir, 'appendonlydir')
  const synced = new Map(
    (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []).map((line) => {
      const [size = '0', path = ''] = line.split('\t')
      return [path, Number(size)] as const
    }),
  )
  const files = readdirSync(dir).filter((name) => name.endsWith('.incr.aof'))
  return files.reduce((gone, name) => gone + cut(join(dir, name), synced.get(join(dir, name)) ?? 0), 0)
}

const cut = (path: string, size: number): number => {
  const { size: written } = statSync(path)
  if (written <= size) return 0
  truncateSync(path, size)
  return written - size
}
