// Words of the system itself: whether it lives, is ready, is healthy, and which versions it speaks.
import { z } from 'zod'
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

const open = { method: 'GET', at: 'root', tags: ['system'], scopes: 'public', problems: [] } as const

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
  versions: endpoint({
    ...open,
    path: '/api',
    operationId: 'listVersions',
    summary: 'The versions of this API',
    replies: {
      200: z
        .object({ versions: z.array(z.object({ version: z.int(), status: z.string(), url: z.string() })) })
        .meta({ id: 'VersionList' }),
    },
  }),
}
