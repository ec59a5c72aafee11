// How much older versions of the API are still used: requests by route, counted by the fleet together, since each exists.
import type { Kernel } from '../kernel/kernel.ts'
import type { VersionUse } from './contract.ts'

export interface VersionUses {
  /** Counts one request; `route` is one of the version's own, such as `GET /jobs/:id`. Never waited for, and it may fail. */
  note(version: number, route: string): void
  /** The same for each version, most requests first. */
  of(versions: readonly number[]): Promise<VersionUse[]>
}

export const createVersionUses = (kernel: Kernel): VersionUses => {
  const place = (version: number): string => kernel.key('system', 'requests', version)
  return {
    note: (version, route) => void kernel.redis.hincrby(place(version), route, 1).catch(() => undefined),
    of: (versions) =>
      Promise.all(versions.map(async (version) => useOf(version, await kernel.redis.hgetall(place(version))))),
  }
}

const useOf = (version: number, counts: Record<string, string>): VersionUse => {
  const routes = Object.entries(counts).map(([route, count]) => ({ route, requests: Number(count) }))
  return {
    version,
    requests: routes.reduce((sum, { requests }) => sum + requests, 0),
    routes: routes.sort((a, b) => b.requests - a.requests),
  }
}
