// Webhooks: addresses that facts are sent to, whose they are, what they are sent, and what signs it.
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Page } from '../kernel/page.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { withVault } from '../kernel/vault.ts'
import type { Outbound } from '../outbound/outbound.ts'
import { registerConsumer } from '../stream/positions.ts'
import { known, mustGiveHeaders, mustMayChange, mustMayDirect, mustMaySend, subscriberFor } from './access.ts'
import { createChanges } from './changes.ts'
import type { Condition } from './changes.ts'
import { checkHeaders, checkSecret, checkUrl } from './check.ts'
import { TooManyWebhooks } from './contract.ts'
import type {
  EventType,
  SecretRotated,
  SecretRotation,
  Webhook,
  WebhookCreate,
  WebhookCreated,
  WebhookPatch,
  WebhookTested,
} from './contract.ts'
import { changed, drafted, edited, resecreted } from './decide.ts'
import { checkEventTypes, eventTypesFor } from './event-types.ts'
import { pageOf } from './list.ts'
import type { WebhookQuery } from './list.ts'
import { toWebhook } from './resource.ts'
import { makeSecret } from './sign.ts'
import { createWebhookStore } from './store.ts'
import { createTrial } from './trial.ts'
import type { SendTest } from './trial.ts'
import { createWebhookView } from './view.ts'
import { WEBHOOKS_CONSUMER } from './words.ts'
import type { EndpointHealth, WebhookRecord } from './words.ts'

export interface Webhooks {
  list(principal: Principal, query: WebhookQuery): Promise<Page<Webhook>>
  /** Problem: `webhook-not-found`. */
  show(principal: Principal, id: string): Promise<Webhook>
  /** Problems: `unsafe-webhook-url`, `unknown-event-type`, `too-many-webhooks`, `secrets-unavailable`, `validation-failed`. */
  create(principal: Principal, input: WebhookCreate): Promise<WebhookCreated>
  /** Enabling forgets the failures. Problems: those of `create` and `show`, `precondition-failed`. */
  edit(principal: Principal, id: string, patch: WebhookPatch, condition?: Condition): Promise<Webhook>
  /** Problems: `webhook-not-found`, `precondition-failed`. */
  remove(principal: Principal, id: string, condition?: Condition): Promise<void>
  /** Problems: `webhook-not-found`, `precondition-failed`, `secrets-unavailable`, `validation-failed`. */
  rotate(principal: Principal, id: string, rotation: SecretRotation, condition?: Condition): Promise<SecretRotated>
  /** Problems: `webhook-not-found`, `unknown-event-type`, `too-many-webhook-tests`, `secrets-unavailable`. */
  test(principal: Principal, id: string, eventType: string | undefined): Promise<WebhookTested>
  eventTypes(principal: Principal): EventType[]
}

export interface WebhooksNeeds {
  receivers: Outbound
  send: SendTest
  /** Nothing is known of how it goes with endpoints unless given. */
  health?: HealthOfEndpoints
}

export interface HealthOfEndpoints {
  /** Of those that something was sent to. */
  of(ids: readonly string[]): Promise<ReadonlyMap<string, EndpointHealth>>
  /** Forgets the failures of an endpoint that is enabled again. */
  forgive(id: string): Promise<void>
  /** Forgets how an endpoint fared that is deleted. */
  forget(id: string): Promise<void>
}
const NOTHING_KNOWN: HealthOfEndpoints = {
  of: async () => new Map(),
  forgive: async () => undefined,
  forget: async () => undefined,
}

/** Webhooks of one subscriber. */
const OF_SUBSCRIBER_MAX = 100

export const createWebhooks = (
  kernel: Kernel,
  { receivers, send, health = NOTHING_KNOWN }: WebhooksNeeds,
): Webhooks => {
  const { vault, clock } = kernel
  const store = createWebhookStore(kernel)
  const view = createWebhookView(kernel, store)
  const changes = createChanges(kernel, store)
  const trial = createTrial(kernel, send)

  const shown = async (record: WebhookRecord): Promise<Webhook> =>
    toWebhook(record, (await health.of([record.id])).get(record.id), clock.now())

  const list = async (principal: Principal, query: WebhookQuery): Promise<Page<Webhook>> => {
    await view.fresh()
    const { data, page } = pageOf(kernel, view.all(), principal, query)
    const states = await health.of(data.map(({ id }) => id))
    return { data: data.map((record) => toWebhook(record, states.get(record.id), clock.now())), page }
  }
  const checkRoom = async (subscriber: string | null): Promise<void> => {
    if (subscriber === null) return
    await view.fresh()
    const theirs = [...view.all().values()].filter(({ settings }) => settings.subscriber === subscriber)
    if (theirs.length >= OF_SUBSCRIBER_MAX)
      throw TooManyWebhooks(`${subscriber} has ${OF_SUBSCRIBER_MAX} webhooks already; delete some that are not used.`)
  }
  const create = async (principal: Principal, input: WebhookCreate): Promise<WebhookCreated> => {
    const subscriber = subscriberFor(principal, input.subscriber)
    const secret = checkSecret(input.secret ?? makeSecret())
    const headers = checkHeaders(input.headers)
    checkEventTypes(input.event_types, subscriber)
    await checkUrl(receivers, input.url)
    await checkRoom(subscriber)
    const now = clock.now()
    const full = { ...input, subscriber, secret, headers }
    const draft = withVault(() => drafted(vault, principal, full, { id: makeId('wh', now), now }))
    mustMaySend(principal, draft)
    // From now on the log keeps what was not sent yet, though no worker runs.
    await registerConsumer(kernel, WEBHOOKS_CONSUMER)
    const record = await changes.add(draft, changed(draft, 'created', principal.name))
    return { ...toWebhook(record, undefined, now), secret }
  }
  const edit = async (
    principal: Principal,
    id: string,
    { headers, ...patch }: WebhookPatch,
    condition: Condition = {},
  ): Promise<Webhook> => {
    const asked = headers === undefined ? patch : { ...patch, headers: checkHeaders(headers) }
    if (patch.url !== undefined) await checkUrl(receivers, patch.url)
    let wasEnabled = true
    const record = await changes.change(principal, id, condition, (before) => {
      checkEventTypes(patch.event_types ?? [], before.settings.subscriber)
      mustGiveHeaders(principal, before, { url: patch.url, headers })
      wasEnabled = before.enabled
      const change = withVault(() => edited(vault, before, asked, { now: clock.now(), actor: principal.name }))
      mustMayDirect(principal, before, change.next)
      if (change.next) mustMaySend(principal, change.next, before)
      return change
    })
    if (record.enabled && !wasEnabled) await health.forgive(id)
    return shown(record)
  }
  const remove = async (principal: Principal, id: string, condition: Condition = {}): Promise<void> => {
    await changes.change(principal, id, condition, (before) => {
      mustMayDirect(principal, before, undefined)
      return { next: undefined, told: changed(before, 'deleted', principal.name) }
    })
    await health.forget(id)
  }
  const rotate = async (
    principal: Principal,
    id: string,
    rotation: SecretRotation,
    condition: Condition = {},
  ): Promise<SecretRotated> => {
    const secret = checkSecret(rotation.secret ?? makeSecret())
    const when = { graceMs: rotation.grace_s * 1_000, now: clock.now(), actor: principal.name }
    const record = await changes.change(principal, id, condition, (before) =>
      withVault(() => resecreted(vault, before, secret, when)),
    )
    const until = record.secrets[1]?.expiresAt ?? null
    return { secret, previous_expires_at: until === null ? null : toIso(until), webhook: await shown(record) }
  }
  return {
    list: (principal, query) => guardRedis(list(principal, query), 'read'),
    show: (principal, id) =>
      guardRedis(
        store.find(id).then((record) => shown(known(principal, id, record))),
        'read',
      ),
    create: (principal, input) => guardRedis(create(principal, input)),
    edit: (principal, id, patch, condition) => guardRedis(edit(principal, id, patch, condition)),
    remove: (principal, id, condition) => guardRedis(remove(principal, id, condition)),
    rotate: (principal, id, rotation, condition) => guardRedis(rotate(principal, id, rotation, condition)),
    test: async (principal, id, eventType) => {
      const record = known(principal, id, await guardRedis(store.find(id), 'read'))
      mustMayChange(principal, record)
      return trial(record, eventType)
    },
    eventTypes: ({ subscriber = null }) => eventTypesFor(subscriber),
  }
}
