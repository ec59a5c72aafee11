// The table of versions: who answers each, and until when.
import type { Kernel } from '../../shared/kernel/kernel.ts'
import { toIso } from '../../shared/kernel/clock.ts'
import type { ApiVersion } from '../../shared/system/contract.ts'
import type { Dialect } from './dialect.ts'
import { CURRENT, KNOWN } from './negotiate.ts'
import { isGone, retirementOfV1 } from './retirement.ts'
import type { Retirement } from './retirement.ts'
import { v1 } from './v1/dialect.ts'

/** An older version, and how it ends. */
export interface OlderVersion {
  readonly dialect: Dialect
  readonly retirement: Retirement
}

export interface VersionTable {
  /** Those before the current one, which is answered by the routes themselves. */
  readonly older: ReadonlyMap<number, OlderVersion>
  /** The versions that answer now, oldest first; the same list until one of them ends. */
  alive(): readonly number[]
  /** The same as they are told, the current one first. */
  list(): ApiVersion[]
}

export const createVersionTable = ({ settings, clock }: Kernel): VersionTable => {
  const older = new Map<number, OlderVersion>([[1, { dialect: v1, retirement: retirementOfV1(settings) }]])
  const isOver = (version: number): boolean => {
    const old = older.get(version)
    return old !== undefined && isGone(old.retirement, clock.now())
  }
  let living = KNOWN
  return {
    older,
    alive() {
      if (living.some(isOver)) living = KNOWN.filter((version) => !isOver(version))
      return living
    },
    list: () => [
      { version: CURRENT, status: 'current', url: `/api/v${CURRENT}` },
      ...[...older.values()].filter(({ dialect: { version } }) => !isOver(version)).map(told),
    ],
  }
}

const told = ({ dialect: { version }, retirement }: OlderVersion): ApiVersion => ({
  version,
  status: 'deprecated',
  url: `/api/v${version}`,
  deprecated_at: toIso(retirement.deprecatedAt),
  sunset_at: toIso(retirement.sunsetAt),
  brownouts:
    retirement.mode === 'brownout'
      ? retirement.brownouts.map(({ from, to }) => ({ from: toIso(from), to: toIso(to) }))
      : [],
})
