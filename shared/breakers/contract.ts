// Words of circuit breakers: the resource, what operators send, and the endpoints.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { Instant, ReasonText } from '../jobs/words.ts'
import { AsOf, AsOfTold, MomentNotKept } from '../rewind/words.ts'
import { ServiceMissing, TooManyServices } from '../services/contract.ts'
import { ServiceName } from '../services/words.ts'
import { BreakerConfig, BreakerPatch, BreakerState, BreakerWindow, ChangeReason } from './words.ts'

export const BreakerInState = problem('breaker-in-state', 'conflict', 'The breaker is in this state already.')

export const Breaker = z
  .object({
    service: z.string(),
    state: BreakerState,
    reason: ChangeReason.nullable().describe('Why it came into this state; null while it never changed.'),
    generation: z.int().describe('Grows with every change of any breaker; results of another generation do not count.'),
    since: Instant.nullable().describe('When this state began.'),
    failure_rate: z.number().describe('0 to 1: in the window now, or of what it saw when it opened.'),
    slow_call_rate: z.number(),
    calls: z.int(),
    failures: z.int(),
    slow_calls: z.int(),
    rejected: z.int().describe('Calls that were refused since the breaker exists.'),
    window: BreakerWindow,
    opened_at: Instant.nullable().describe('When it last stopped letting calls through; null while it does.'),
    next_attempt_at: Instant.nullable().describe('When it may be probed.'),
    forced: z
      .object({ by: z.string(), reason: z.string(), until: Instant.nullable() })
      .nullable()
      .describe('Who set the state by hand, why, and when that ends by itself.'),
    half_open: z.object({
      permitted: z.int(),
      in_flight: z.int(),
      successes: z.int(),
      failures: z.int(),
    }),
    config: BreakerConfig,
    updated_at: Instant.nullable().describe('When its configuration was changed by hand.'),
    version: z.int().describe("The service record's version, as the `ETag` tells it."),
  })
  .meta({ id: 'Breaker' })
export type Breaker = z.output<typeof Breaker>

const Force = z
  .strictObject({
    ttl_s: z.int().min(1).max(2_592_000).optional().describe('Back to deciding by itself after so many seconds.'),
    reason: ReasonText,
  })
  .meta({ id: 'BreakerForce' })
export type Force = z.output<typeof Force>
const Why = z.strictObject({ reason: ReasonText.optional() })

export const TimelinePiece = z.object({
  from: Instant,
  to: Instant,
  duration_ms: z.number(),
  state: BreakerState,
})
export const BreakerTimeline = z
  .object({
    from: Instant,
    to: Instant,
    services: z.array(z.object({ service: z.string(), pieces: z.array(TimelinePiece) })),
    truncated: z.boolean().describe('True when there were more than 600 pieces, or more services than can be told.'),
  })
  .meta({ id: 'BreakerTimeline' })
export type BreakerTimeline = z.output<typeof BreakerTimeline>

const Replayed = z.object({
  opened: z.int().describe('How often it would have opened.'),
  open_ms: z.number().describe('How long it would have been open in all.'),
  refused_calls: z.int().describe('Calls it would have refused.'),
  periods: z
    .array(z.object({ opened_at: Instant, closed_at: Instant.nullable(), reason: ChangeReason }))
    .max(100)
    .describe('The first hundred times it would not have been closed.'),
})
export const WhatIf = z
  .object({
    service: z.string(),
    from: Instant,
    to: Instant,
    resolution_ms: z.int().describe('Calls are replayed in slots of so many ms.'),
    calls: z.int().describe('Calls that were made in this time.'),
    failures: z.int(),
    slow_calls: z.int().describe('By the proposed `slow_call_ms`.'),
    slow_calls_estimated: z.boolean().describe('True when `slow_call_ms` differs: durations are kept in doublings.'),
    refused_calls: z.int().describe('Calls that were refused in truth.'),
    current: Replayed.describe('The same calls against the configuration as it is.'),
    proposed: Replayed,
  })
  .meta({ id: 'BreakerWhatIf' })
export type WhatIf = z.output<typeof WhatIf>

export const BreakerFigures = z
  .object({
    total: z.int(),
    by_state: z.object({
      closed: z.int(),
      open: z.int(),
      half_open: z.int(),
      forced_open: z.int(),
      forced_closed: z.int(),
      disabled: z.int(),
    }),
    opened_total: z.int().describe('Times a breaker opened by itself, since each exists.'),
    rejected_total: z.int().describe('Calls that were refused, since each breaker exists.'),
    parked_total: z.int().nullable().describe('Jobs that wait for a service; null where nobody counts them.'),
    services: z
      .array(
        z.object({
          service: z.string(),
          state: BreakerState,
          failure_rate: z.number(),
          slow_call_rate: z.number(),
          calls: z.int(),
          rejected: z.int(),
          opened: z.int(),
          parked: z.int().nullable(),
        }),
      )
      .max(200)
      .describe('Those that are not closed first, then the busiest; at most 200.'),
  })
  .meta({ id: 'BreakerFigures' })
export type BreakerFigures = z.output<typeof BreakerFigures>

const tags = ['error-recovery']
const params = z.object({ service: ServiceName })
const base = '/error-recovery/circuit-breaker'
const second = '/circuit-breaker'

/** A row that holds a state by hand. */
const byHand = (verb: string, operationId: string, summary: string) =>
  endpoint({
    method: 'POST',
    path: `${base}/:service/${verb}`,
    aliases: [`${second}/:service/${verb}`],
    operationId,
    changes: { kind: 'breaker', id: 'service', shownBy: 'getBreaker' },
    summary,
    tags,
    scopes: ['breakers:admin'],
    etag: true,
    params,
    body: Force,
    replies: { 200: Breaker },
    problems: [ServiceMissing, BreakerInState],
  })

export const breakers = {
  list: endpoint({
    method: 'GET',
    path: base,
    aliases: [second],
    operationId: 'listBreakers',
    summary: 'List the breakers of all services',
    tags,
    scopes: ['recovery:read'],
    query: z.strictObject({ ...pageQuery, state: many(BreakerState), service: many(ServiceName), as_of: AsOf }),
    replies: { 200: listOf(Breaker).extend({ as_of: AsOfTold }).meta({ id: 'BreakerList' }) },
    problems: [MomentNotKept],
  }),
  timeline: endpoint({
    method: 'GET',
    path: `${base}/timeline`,
    aliases: [`${second}/timeline`],
    operationId: 'getBreakerTimeline',
    summary: 'The states of breakers over time, in pieces',
    tags,
    scopes: ['recovery:read'],
    query: z.strictObject({
      from: z.iso.datetime({ offset: true }).optional().describe('An hour before `to` unless given.'),
      to: z.iso.datetime({ offset: true }).optional().describe('Now unless given.'),
      service: many(ServiceName).describe('The worst twelve unless given.'),
    }),
    replies: { 200: BreakerTimeline },
    problems: [],
  }),
  show: endpoint({
    method: 'GET',
    path: `${base}/:service`,
    aliases: [`${second}/:service`],
    operationId: 'getBreaker',
    summary: 'Show the breaker of one service',
    tags,
    scopes: ['recovery:read'],
    etag: true,
    params,
    replies: { 200: Breaker },
    problems: [ServiceMissing],
  }),
  reset: endpoint({
    method: 'POST',
    path: `${base}/:service/reset`,
    aliases: [`${second}/:service/reset`],
    operationId: 'resetBreaker',
    changes: { kind: 'breaker', id: 'service', shownBy: 'getBreaker' },
    summary: 'Close a breaker and forget what it counted',
    tags,
    scopes: ['recovery:write'],
    etag: true,
    params,
    body: Why,
    bodyOptional: true,
    replies: { 200: Breaker },
    problems: [ServiceMissing],
  }),
  forceOpen: byHand('force-open', 'forceBreakerOpen', 'Let no call through, whatever happens'),
  forceClose: byHand(
    'force-close',
    'forceBreakerClosed',
    'Let all calls through, whatever happens, and go on counting',
  ),
  disable: byHand('disable', 'disableBreaker', 'Let all calls through and count nothing'),
  auto: endpoint({
    method: 'POST',
    path: `${base}/:service/auto`,
    aliases: [`${second}/:service/auto`],
    operationId: 'letBreakerDecide',
    changes: { kind: 'breaker', id: 'service', shownBy: 'getBreaker' },
    summary: 'Let a forced or disabled breaker decide by itself again',
    tags,
    scopes: ['breakers:admin'],
    etag: true,
    params,
    body: Why,
    bodyOptional: true,
    replies: { 200: Breaker },
    problems: [ServiceMissing, BreakerInState],
  }),
  configure: endpoint({
    method: 'PATCH',
    path: `${base}/:service/config`,
    aliases: [`${second}/:service/config`],
    operationId: 'configureBreaker',
    changes: { kind: 'breaker', id: 'service', shownBy: 'getBreaker' },
    summary: 'Change some of the limits of a breaker',
    tags,
    scopes: ['breakers:admin'],
    etag: true,
    params,
    body: BreakerPatch,
    replies: { 200: Breaker },
    problems: [ServiceMissing, PreconditionFailed, TooManyServices],
  }),
  whatIf: endpoint({
    method: 'POST',
    path: `${base}/:service/what-if`,
    aliases: [`${second}/:service/what-if`],
    operationId: 'replayBreaker',
    changes: 'nothing',
    summary: "Replay the last hour's calls against other limits",
    tags,
    scopes: ['recovery:read'],
    params,
    body: BreakerPatch,
    replies: { 200: WhatIf },
    problems: [ServiceMissing],
  }),
  figures: endpoint({
    method: 'GET',
    path: '/metrics/circuit-breaker',
    operationId: 'getBreakerMetrics',
    summary: 'States, rates and refusals of all breakers',
    tags: ['metrics'],
    scopes: ['metrics:read'],
    replies: { 200: BreakerFigures },
    problems: [],
  }),
}
