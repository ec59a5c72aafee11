// Words of limits: where a caller stands.
import { z } from 'zod'
import { KeyMissing, keyParams } from '../auth/contract.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { Tier } from './words.ts'

const Window = {
  limit: z.int(),
  remaining: z.int(),
}

export const Quota = z
  .object({
    principal: z.string().describe('The id of the key that this is about.'),
    tier: Tier,
    exact: z
      .boolean()
      .describe(
        'False while Redis cannot be asked: figures are then those of the process that answers, and its share.',
      ),
    windows: z
      .object({
        minute: z.object({
          ...Window,
          burst_limit: z.int().describe('The limit while a burst lasts.'),
          reset_s: z.int().describe('Seconds until more is left; 0 while all is.'),
          burst: z.object({
            state: z
              .enum(['armed', 'active', 'resting'])
              .describe('`armed`: begins with the first request beyond the limit. `resting`: not yet again.'),
            remaining: z.int(),
            rearm_s: z.int().describe('Seconds until it is armed; 0 when it is.'),
          }),
        }),
        day: z.object({ ...Window, reset_s: z.int().describe('Seconds until midnight in UTC.') }),
      })
      .nullable()
      .describe('null for callers that are not limited.'),
  })
  .meta({ id: 'CallerQuota' })
export type Quota = z.output<typeof Quota>

export const limits = {
  quota: endpoint({
    method: 'GET',
    path: '/quota',
    operationId: 'getQuota',
    summary: 'How much you may still ask for; asking this costs nothing',
    tags: ['keys'],
    scopes: [],
    cost: 0,
    replies: { 200: Quota },
    problems: [],
  }),
  quotaOfKey: endpoint({
    method: 'GET',
    path: '/api-keys/:key_id/quota',
    operationId: 'getApiKeyQuota',
    summary: 'How much a key may still ask for; what the sessions opened with it ask counts too',
    tags: ['keys'],
    scopes: ['keys:read'],
    params: keyParams,
    replies: { 200: Quota },
    problems: [KeyMissing],
  }),
}
