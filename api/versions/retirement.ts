// When an older version is served, when it is taken away for a rehearsal, when it is gone, and how its replies announce that.
import type { DeprecationFormat } from '../../shared/auth/contract.ts'
import type { Settings } from '../../shared/kernel/config.ts'

/** A span in which a share of the requests is refused, so that whoever still depends on the version notices in time. */
export interface Brownout {
  from: number
  to: number
}

/** How one version ends. Times are epoch milliseconds. */
export interface Retirement {
  deprecatedAt: number
  sunsetAt: number
  mode: 'on' | 'off' | 'brownout'
  /** Announced spans; only `brownout` keeps to them. */
  brownouts: readonly Brownout[]
  /** Share of the requests that is refused in such a span, 0 to 100. */
  percent: number
}

export type Stage = { state: 'served' } | { state: 'browned_out'; until: number } | { state: 'gone' }

/** Version 1, as the settings say. */
export const retirementOfV1 = (settings: Settings): Retirement => ({
  deprecatedAt: settings.K1N_API_V1_DEPRECATED_AT,
  sunsetAt: settings.K1N_API_V1_SUNSET_AT,
  mode: settings.K1N_API_V1,
  brownouts: settings.K1N_API_V1_BROWNOUTS,
  percent: settings.K1N_API_V1_BROWNOUT_PERCENT,
})

export const isGone = ({ mode, sunsetAt }: Retirement, now: number): boolean => mode === 'off' || now > sunsetAt

/** What becomes of a request that comes now; `chance` is a number in [0, 1). */
export const stageOf = (retirement: Retirement, now: number, chance: number): Stage => {
  if (isGone(retirement, now)) return { state: 'gone' }
  const window = retirement.mode === 'brownout' && retirement.brownouts.find(({ from, to }) => from <= now && now < to)
  return window && chance * 100 < retirement.percent ? { state: 'browned_out', until: window.to } : { state: 'served' }
}

/** The format that `Prefer: deprecation=…` asks for (RFC 7240); undefined when it asks for none. */
export const preferredFormat = (prefer: string | undefined): DeprecationFormat | undefined => {
  for (const preference of prefer?.split(',') ?? []) {
    const format = /^\s*deprecation\s*=\s*"?(rfc9745|boolean)"?\s*(?:;|$)/i.exec(preference)?.[1]?.toLowerCase()
    if (format !== undefined) return format as DeprecationFormat
  }
  return undefined
}

/** RFC 9745 says a date; drafts before it said `true`, and a reader of one cannot read the other. */
const deprecation = (at: number, format: DeprecationFormat): string =>
  format === 'boolean' ? 'true' : `@${Math.floor(at / 1_000)}`

/** What every reply of a version that goes away carries. `successor` is the path of the current version that does the same. */
export const announcement = (
  { deprecatedAt, sunsetAt }: Retirement,
  format: DeprecationFormat,
  at: { publicUrl: string; successor: string },
): Record<string, string> => ({
  Deprecation: deprecation(deprecatedAt, format),
  Sunset: new Date(sunsetAt).toUTCString(),
  'X-API-Deprecated': 'true',
  Link: [
    `<${at.publicUrl}/docs/migrate-v1-v2>; rel="deprecation"; type="text/html"`,
    `<${at.publicUrl}/docs/sunset-policy>; rel="sunset"; type="text/html"`,
    `<${at.successor}>; rel="successor-version"`,
  ].join(', '),
})
