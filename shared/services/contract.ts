// Words of services: the resource, what operators send, and the endpoints.
import { z } from 'zod'
import { Quota } from '../budgets/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { event } from '../kernel/event.ts'
import { listOf, many, pageQuery } from '../kernel/page.ts'
import { problem } from '../kernel/problem.ts'
import { PreconditionFailed } from '../kernel/problems.ts'
import { JobExists } from '../jobs/problems.ts'
import { Instant, cleanText } from '../jobs/words.ts'
import { ServiceConfig, ServiceName, ServicePatch } from './words.ts'

export const ServiceMissing = problem('service-not-found', 'missing', 'There is no such service.')
export const TooManyServices = problem('too-many-services', 'conflict', 'No further service can be kept.')

/** Where a service comes from: declared in code, made by an operator, or learnt because jobs called a host. */
export const ServiceOrigin = z.enum(['declared', 'created', 'learnt']).meta({ id: 'ServiceOrigin' })
export type ServiceOrigin = z.output<typeof ServiceOrigin>

/** Where a part of what a service is held to comes from; `learnt` parts are the defaults. */
export const PartSource = z.enum(['declared', 'edited', 'learnt']).meta({ id: 'ServicePartSource' })
export type PartSource = z.output<typeof PartSource>

export const Service = z
  .object({
    name: z.string(),
    summary: z.string().nullable(),
    origin: ServiceOrigin,
    ...ServiceConfig.shape,
    sources: z
      .object({
        summary: PartSource,
        breaker: PartSource,
        budget: PartSource,
        concurrency: PartSource,
        retry_budget: PartSource,
      })
      .describe('Where each part comes from. What was edited stands over what is declared, also after a deploy.'),
    updated_at: Instant.nullable().describe('Null while nobody changed it.'),
    updated_by: z.string().nullable(),
    called_at: Instant.nullable().describe('When a learnt host was last called, give or take a minute.'),
    version: z.int().describe('As the `ETag` tells it; 0 while nobody changed it.'),
  })
  .meta({ id: 'Service' })
export type Service = z.output<typeof Service>

/** A path of the API says `timeline` where a service's name would stand. */
const newName = ServiceName.refine((name) => name !== 'timeline', 'is a word of the API')

export const ServiceInput = z
  .strictObject({ summary: cleanText(1, 200).optional(), ...ServiceConfig.shape })
  .meta({ id: 'ServiceInput' })
export type ServiceInput = z.output<typeof ServiceInput>

export const ServiceCreate = z.strictObject({ name: newName, ...ServiceInput.shape }).meta({ id: 'ServiceCreate' })
export type ServiceCreate = z.output<typeof ServiceCreate>

const one = { tags: ['services'], params: z.object({ service: ServiceName }), etag: true } as const

export const services = {
  list: endpoint({
    method: 'GET',
    path: '/services',
    operationId: 'listServices',
    summary: 'List services by name: declared, made and learnt ones',
    tags: ['services'],
    scopes: ['services:read'],
    query: z.strictObject({
      ...pageQuery,
      origin: many(ServiceOrigin),
      q: cleanText(1, 100).optional().describe('Part of the name.'),
    }),
    replies: { 200: listOf(Service).meta({ id: 'ServiceList' }) },
    problems: [],
  }),
  create: endpoint({
    method: 'POST',
    path: '/services',
    operationId: 'createService',
    changes: { kind: 'service', id: 'name' },
    summary: 'Make a service that is not declared in code',
    tags: ['services'],
    scopes: ['services:write'],
    etag: true,
    body: ServiceCreate,
    replies: { 201: Service },
    problems: [JobExists, TooManyServices],
  }),
  show: endpoint({
    ...one,
    method: 'GET',
    path: '/services/:service',
    operationId: 'getService',
    summary: 'Show what a service is held to, and where each part of it comes from',
    scopes: ['services:read'],
    replies: { 200: Service },
    problems: [ServiceMissing],
  }),
  replace: endpoint({
    ...one,
    method: 'PUT',
    path: '/services/:service',
    operationId: 'putService',
    changes: { kind: 'service', id: 'service', shownBy: 'getService' },
    summary: 'Set everything a service is held to; `If-None-Match: *` makes a new one only',
    scopes: ['services:write'],
    params: z.object({ service: newName }),
    body: ServiceInput,
    replies: { 200: Service, 201: Service },
    problems: [PreconditionFailed, TooManyServices],
  }),
  edit: endpoint({
    ...one,
    method: 'PATCH',
    path: '/services/:service',
    operationId: 'editService',
    changes: { kind: 'service', id: 'service', shownBy: 'getService' },
    summary: 'Change some of what a service is held to',
    scopes: ['services:write'],
    body: ServicePatch,
    replies: { 200: Service },
    problems: [ServiceMissing, PreconditionFailed, TooManyServices],
  }),
  quota: endpoint({
    ...one,
    method: 'GET',
    path: '/services/:service/quota',
    operationId: 'getServiceQuota',
    summary: "Show what is used of a service's budget, without using any",
    scopes: ['services:read'],
    replies: { 200: Quota },
    problems: [ServiceMissing],
  }),
  remove: endpoint({
    ...one,
    method: 'DELETE',
    path: '/services/:service',
    operationId: 'deleteService',
    changes: { kind: 'service', id: 'service', shownBy: 'getService' },
    summary: 'Forget what was changed; a service that is not declared in code goes altogether',
    scopes: ['services:write'],
    replies: { 204: null },
    problems: [ServiceMissing, PreconditionFailed],
  }),
}

export const ServiceChanged = event(
  'service.changed',
  'service:changed',
  'Somebody changed what a service is held to.',
  z.object({
    service: z.string(),
    change: z.enum(['created', 'edited', 'deleted']),
    parts: z.array(z.enum(['summary', 'breaker', 'budget', 'concurrency', 'retry_budget'])),
    actor: z.string(),
    version: z.int(),
  }),
)
