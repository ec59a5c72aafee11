// The headers that tell callers where they stand, once for the whole document.
import type { Json } from './openapi-schemas.ts'

/** Where the caller stands; absent for callers that are not limited. */
export const limitHeaders: Record<string, Json> = {
  RateLimit: {
    description:
      'What is left (`r`) and the seconds until more is (`t`), by policy: `"minute";r=99;t=60, "burst";r=20;t=60, "day";r=9999;t=50400`. Absent while Redis cannot be asked, and for callers that are not limited.',
    schema: { type: 'string' },
  },
  'RateLimit-Policy': {
    description:
      'What is allowed (`q`) in how many seconds (`w`): `"minute";q=100;w=60, "burst";q=20;w=60;k1n-cooldown=60, "day";q=10000;w=86400`.',
    schema: { type: 'string' },
  },
  'X-RateLimit-Limit': { description: 'Units a minute.', schema: { type: 'string' } },
  'X-RateLimit-Remaining': { description: 'Units left of the minute.', schema: { type: 'string' } },
  'X-RateLimit-Reset': { description: 'When more is left, in seconds since 1970.', schema: { type: 'string' } },
  'X-RateLimit-Limit-Day': { description: 'Units a day in UTC.', schema: { type: 'string' } },
  'X-RateLimit-Remaining-Day': { description: 'Units left of the day.', schema: { type: 'string' } },
}
/** Those that each reply has beside `X-RateLimit-*`, which the document tells of with the refusal. */
const { RateLimit = {}, 'RateLimit-Policy': Policy = {} } = limitHeaders
export const standing = { RateLimit, 'RateLimit-Policy': Policy }
export const retryHeader: Record<string, Json> = {
  'Retry-After': { description: 'Seconds after which the request fits.', schema: { type: 'string' } },
}
/** Headers as components, each by its name. */
export const refer = (headers: Record<string, Json>): Json =>
  Object.fromEntries(Object.keys(headers).map((name) => [name, { $ref: `#/components/headers/${name}` }]))
