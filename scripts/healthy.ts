// A container's health check: the API answers, or the supervisor of the workers has a living worker process.
import { readdirSync, readFileSync } from 'node:fs'

/** The API is healthy while it serves at all; Redis being away is its clients' 503 and not cured by a restart. */
const apiServes = async (): Promise<boolean> =>
  (await fetch(`http://127.0.0.1:${process.env['PORT'] ?? 3000}/livez`, { signal: AbortSignal.timeout(3_000) })).ok

/** The first process of the container is the supervisor; its children are the worker processes. */
const hasWorker = (): boolean =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .some((name) => parentOf(name) === 1)

/** The fields after the name in parentheses are: state, parent. */
const parentOf = (pid: string): number | undefined => {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? []
    return state === 'Z' ? undefined : Number(parent)
  } catch {
    return undefined
  }
}

const healthy = process.argv[2] === 'workers' ? hasWorker() : await apiServes().catch(() => false)
process.exit(healthy ? 0 : 1)
