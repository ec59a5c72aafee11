// Who holds a lease: processes write down when they get one; see `programs/lease.ts`.
import { existsSync, readFileSync } from 'node:fs'
import type { Stage } from './stage.ts'

/** The processes that got a lease, in order; the last one holds it unless it has let go since. */
export const holdersOf = ({ ledgers }: Stage, key: string): number[] =>
  (existsSync(ledgers.leases) ? readFileSync(ledgers.leases, 'utf8') : '')
    .split('\n')
    .filter((line) => line.startsWith(`${key} `))
    .map((line) => Number(line.slice(key.length + 1)))
