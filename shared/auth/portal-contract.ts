// Words of the portal: links that open the webhooks of one subscriber, and nothing else, for somebody outside.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { problem } from '../kernel/problem.ts'
import { Subscriber } from '../webhooks/words.ts'
import { InsufficientGrant, QueueGlob } from './contract.ts'

export const PortalLinkMissing = problem('portal-link-not-found', 'missing', 'There is no such link to a portal.')
export const TooManyPortalLinks = problem(
  'too-many-portal-links',
  'conflict',
  'No further link to a portal can be kept.',
)

const HOUR_S = 3_600

export const PortalLinkInput = z
  .strictObject({
    subscriber: Subscriber,
    queues: z
      .array(QueueGlob)
      .max(50)
      .default([])
      .describe('Of which endpoints may hear that are made through the link; none unless said.'),
    expires_in_s: z
      .int()
      .min(300)
      .max(7 * 24 * HOUR_S)
      .default(24 * HOUR_S)
      .describe('How long the link can be opened; a day unless said.'),
  })
  .meta({ id: 'PortalLinkInput' })
export type PortalLinkInput = z.output<typeof PortalLinkInput>

export const PortalLink = z
  .object({
    id: z.string(),
    subscriber: z.string(),
    queues: z.array(z.string()),
    created_at: Instant,
    created_by: z.string(),
    expires_at: Instant.describe('Until when it can be opened.'),
    opened_at: Instant.nullable().describe('Null while nobody has; it opens once.'),
    ends_at: Instant.nullable().describe('Until when who opened it is let in; null while nobody is.'),
  })
  .meta({ id: 'PortalLink' })
export type PortalLink = z.output<typeof PortalLink>

export const PortalLinkCreated = PortalLink.extend({
  url: z.string().describe('The link, shown this once. Whoever has it first opens it.'),
}).meta({ id: 'PortalLinkCreated' })

const PortalLinkId = z.string().regex(/^pl_[0-9a-z]{1,64}$/, 'must be the id of a link, such as pl_0191…')

export const portal = {
  list: endpoint({
    method: 'GET',
    path: '/portal-links',
    operationId: 'listPortalLinks',
    summary: 'List the links to portals that can be opened, or were and still let somebody in, newest first',
    tags: ['webhooks'],
    scopes: ['keys:read'],
    query: z.strictObject({ subscriber: Subscriber.optional() }),
    replies: { 200: z.object({ data: z.array(PortalLink) }).meta({ id: 'PortalLinkList' }) },
    problems: [],
  }),
  create: endpoint({
    method: 'POST',
    path: '/portal-links',
    operationId: 'createPortalLink',
    changes: { kind: 'portal_link', id: 'id' },
    summary: 'Make a link that opens the webhooks of a subscriber once; it is shown this once',
    description:
      'Whoever opens it sees and changes the webhooks of this subscriber and what was sent to them for twelve hours, and nothing else. It ends ' +
      'when it is revoked, and with the key that made it.',
    tags: ['webhooks'],
    scopes: ['keys:write'],
    body: PortalLinkInput,
    replies: { 201: PortalLinkCreated },
    problems: [InsufficientGrant, TooManyPortalLinks],
  }),
  revoke: endpoint({
    method: 'DELETE',
    path: '/portal-links/:link_id',
    operationId: 'revokePortalLink',
    changes: { kind: 'portal_link', id: 'link_id' },
    summary: 'Revoke a link to a portal; it opens no more, and who opened it is let in no more within five seconds',
    tags: ['webhooks'],
    scopes: ['keys:write'],
    params: z.object({ link_id: PortalLinkId }),
    replies: { 204: null },
    problems: [PortalLinkMissing],
  }),
}
