// http.request: calls a URL, so that any service in any language can use k1n without a handler of its own.
import { z } from 'zod'
import { kind } from './kind.ts'

const hostOf = (url: string): string | undefined => (URL.canParse(url) ? new URL(url).host : undefined)

export const httpRequest = kind({
  name: 'http.request',
  queue: 'http',
  summary: 'Calls a URL: 2xx succeeds, 429 and 503 obey Retry-After, other 4xx are final, the rest is tried again.',
  payload: z.strictObject({
    url: z.url({ protocol: /^https?$/ }).max(2_048),
    method: z.enum(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']).default('POST'),
    headers: z
      .record(z.string().min(1).max(256), z.string().max(8_192))
      .refine((headers) => Object.keys(headers).length <= 100, 'must be at most 100 headers')
      .default({}),
    body: z
      .union([z.string().max(65_536), z.record(z.string(), z.unknown()), z.array(z.unknown())])
      .optional()
      .describe('Text as it is; an object or array is sent as JSON.'),
    timeout_ms: z.int().min(1).max(3_600_000).default(15_000).describe('For the whole call.'),
  }),
  result: z.object({
    status: z.int(),
    headers: z.record(z.string(), z.string()).describe('The few that help: type, length, date, location, request ids.'),
    body: z.string().describe('At most the first 64 KiB, as UTF-8.'),
    truncated: z.boolean().describe('True when the answer was longer than `body`.'),
    duration_ms: z.number(),
  }),
  // The call has its own deadline; this one only catches a call that does not end.
  timeoutMs: 3_660_000,
  service: ({ url }) => hostOf(url),
})
