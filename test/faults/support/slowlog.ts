// What Redis itself calls slow. Its times are those of a clock on the wall: what it waited for a processor is among them.
import { createHash } from 'node:crypto'
import { globSync, readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

export interface SlowCommand {
  us: number
  /** The command and the beginning of its arguments; a script of ours by its file. */
  command: string
}

type Entry = [id: number, at: number, us: number, command: string[]]

/** The slowest first. */
export const slowest = async (redis: Redis, most = 1_000): Promise<SlowCommand[]> => {
  const scripts = scriptNames()
  return ((await redis.slowlog('GET', most)) as Entry[])
    .map(([, , us, command]) => ({ us, command: named(command, scripts).join(' ').slice(0, 160) }))
    .toSorted((one, other) => other.us - one.us)
}

const named = (
  [command = '', first = '', ...rest]: readonly string[],
  scripts: ReadonlyMap<string, string>,
): string[] => {
  const script = scripts.get(first)
  return script === undefined ? [command, first, ...rest] : [script, ...rest]
}

/** Scripts of this repository by their digests. */
const scriptNames = (): Map<string, string> => {
  const root = new URL('../../../', import.meta.url)
  const files = globSync('{api,shared,workers}/**/*.lua', { cwd: root })
  return new Map(files.map((file) => [createHash('sha1').update(readFileSync(new URL(file, root))).digest('hex'), file])) // prettier-ignore
}
