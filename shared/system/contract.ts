// Words of the system itself: whether it lives, is ready, is healthy, and which versions it speaks.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'

const Check = z.object({
  componentType: z.string(),
  status: z.enum(['pass', 'warn', 'fail']),
  time: z.string(),
  observedValue: z.union([z.number(), z.string()]).optional(),
  observedUnit: z.string().optional(),
  output: z.string().optional(),
})
export const Health = z
  .object({
    status: z.enum(['pass', 'warn', 'fail']),
    version: z.string(),
    releaseId: z.string(),
    durability: z.string().optional(),
    checks: z.record(z.string(), z.array(Check)).optional(),
  })
  .meta({ id: 'Health' })

export const ApiVersion = z
  .object({
    version: z.int(),
    status: z.enum(['current', 'deprecated']),
    url: z.string(),
    deprecated_at: Instant.optional(),
    sunset_at: Instant.optional().describe('It answers 410 from then on.'),
    brownouts: z
      .array(z.object({ from: Instant, to: Instant }))
      .optional()
      .describe('Announced spans in which it answers 410 as it will in the end.'),
  })
  .meta({ id: 'ApiVersion' })
export type ApiVersion = z.output<typeof ApiVersion>

export const VersionUse = z
  .object({
    version: z.int(),
    requests: z.int().describe('Requests of known callers, those refused after its sunset included.'),
    routes: z
      .array(z.object({ route: z.string().describe('Such as `GET /jobs/:id`.'), requests: z.int() }))
      .describe('Most requests first.'),
  })
  .meta({ id: 'VersionUse' })
export type VersionUse = z.output<typeof VersionUse>

const open = { method: 'GET', at: 'root', tags: ['system'], scopes: 'public', cost: 0, problems: [] } as const

export const system = {
  live: endpoint({
    ...open,
    path: '/livez',
    operationId: 'getLiveness',
    summary: 'Whether this process runs',
    replies: { 200: z.object({ status: z.literal('pass') }).meta({ id: 'Liveness' }) },
  }),
  ready: endpoint({
    ...open,
    path: '/readyz',
    operationId: 'getReadiness',
    summary: 'Whether this process can serve: Redis answers, the clock agrees with it, and it is not stopping',
    replies: { 200: Health, 503: Health },
    replyType: 'application/health+json',
  }),
  health: endpoint({
    ...open,
    path: '/healthz',
    operationId: 'getHealth',
    summary: 'Health with details for those who may see them',
    replies: { 200: Health, 503: Health },
    replyType: 'application/health+json',
  }),
  versionUse: endpoint({
    method: 'GET',
    path: '/metrics/api-versions',
    operationId: 'getVersionUse',
    summary: 'How much older versions of the API are still used, since each exists',
    description: '`GET /api-keys` tells of each key when it last used version 1.',
    tags: ['metrics'],
    scopes: ['metrics:read'],
    replies: { 200: z.object({ versions: z.array(VersionUse) }).meta({ id: 'VersionUseList' }) },
    problems: [],
  }),
  versions: endpoint({
    ...open,
    cost: 1,
    path: '/api',
    operationId: 'listVersions',
    summary: 'The versions of this API that answer, the current one first',
    replies: {
      200: z.object({ versions: z.array(ApiVersion) }).meta({ id: 'VersionList' }),
    },
  }),
}
