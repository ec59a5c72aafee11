// Uses of events, their sources and webhooks.
import { get, isOf, patch, post, remove } from './use.ts'
import type { Made, Reply, Use } from './use.ts'

const source = ({ source: id = '' }: Made): string => `/event-sources/${id}`
export const events: readonly Use[] = [
  post(
    'publishEvent',
    () => '/events',
    ({ n = '' }) => ({ event: 'bench.told', data: { n } }),
    ({ event_id }: Reply, made) => (made['event'] = event_id as string),
  ),
  post(
    'publishEvents',
    () => '/events/bulk',
    ({ n = '' }) => ({ events: Array.from({ length: 10 }, (_, at) => ({ event: 'bench.heard', data: { n, at } })) }),
  ),
  get('getEvent', ({ event = '' }) => `/events/${event}`),
  get('listEvents', () => '/events?limit=50'),
  post(
    'createEventSource',
    () => '/event-sources',
    ({ n = '' }) => ({ name: `source ${n}`, verify: { scheme: 'standard_webhooks' } }),
    ({ id }: Reply, made) => (made['source'] = id as string),
  ),
  get('getEventSource', source),
  patch('editEventSource', source, () => ({ enabled: false })),
  post(
    'rotateEventSourceSecret',
    (made) => `${source(made)}/secret/rotate`,
    () => ({}),
  ),
  remove('deleteEventSource', source),
  get('listEventSources', () => '/event-sources'),
]

const hook = ({ hook: id = '' }: Made): string => `/webhooks/${id}`
export const webhooks: readonly Use[] = [
  post(
    'createWebhook',
    () => '/webhooks',
    ({ sink = '' }) => ({ url: `${sink}/made`, event_types: ['bench.never'] }),
    ({ id }: Reply, made) => (made['hook'] = id as string),
  ),
  get('getWebhook', hook),
  patch('editWebhook', hook, () => ({ description: 'of use' })),
  post(
    'rotateWebhookSecret',
    (made) => `${hook(made)}/secret/rotate`,
    () => ({}),
  ),
  get('getWebhookHealth', (made) => `${hook(made)}/health`),
  remove('deleteWebhook', hook),
  get('listWebhooks', () => '/webhooks'),
  get('listEventTypes', () => '/webhooks/event-types'),
  get(
    'listDeliveries',
    ({ told = '' }) => `/webhooks/${told}/deliveries?limit=100`,
    ({ data }: Reply, made) => {
      const ended = (data as { id: string; status: string }[]).filter(({ status }) => status === 'succeeded')
      made['delivery'] = (ended.find(({ id }) => isOf(made, id)) ?? ended.at(-1))?.id ?? ''
    },
  ),
  get('getDelivery', ({ delivery = '' }) => `/webhooks/deliveries/${delivery}`),
  post('retryDelivery', ({ delivery = '' }) => `/webhooks/deliveries/${delivery}/retry`),
  post(
    'replayWebhook',
    ({ told = '' }) => `/webhooks/${told}/replay`,
    () => ({ from: new Date(Date.now() - 60_000).toISOString(), status: ['failed'], dry_run: true }),
  ),
]
