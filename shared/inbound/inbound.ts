// Events in: what clients send, what other services' webhooks bring, and looking at both. The answer names what was started.
import type { Principal } from '../auth/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import type { Page } from '../kernel/page.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Delivered, Event, EventAccepted, EventInput, EventResult } from './contract.ts'
import { listEvents, showEvent } from './look.ts'
import type { EventsQuery } from './look.ts'
import { publishMany, publishOne } from './publish.ts'
import type { Sending } from './publish.ts'
import type { React } from './react.ts'
import { createReceive } from './receive.ts'
import type { Arrival } from './receive.ts'
import { createSources } from './sources.ts'
import type { Sources } from './sources.ts'

export interface Inbound {
  readonly sources: Sources
  /** Tells an event, once, and lets react who waits for it. Problems: `event-id-reused`, `reserved-event-name`, `too-many-hops`. */
  publish(principal: Principal, input: EventInput, sending: Sending): Promise<EventAccepted>
  /** The same for many, one result each in order. Problems: `reserved-event-name`, `too-many-hops`. */
  publishMany(principal: Principal, inputs: readonly EventInput[], sending: Sending): Promise<EventResult[]>
  list(principal: Principal, query: EventsQuery): Promise<Page<Event>>
  /** Problem: `event-not-found`. */
  show(principal: Principal, id: string): Promise<Event>
  /** Takes a webhook of another service. Problems: `invalid-signature`, `too-many-deliveries`, `too-many-hops`, and those of its
   *  body. */
  receive(arrival: Arrival): Promise<Delivered>
}

/** `react` starts what waits for an event. */
export const createInbound = (kernel: Kernel, { react }: { react: React }): Inbound => {
  const receive = createReceive(kernel, react)
  return {
    sources: guarded(createSources(kernel)),
    publish: (principal, input, sending) => guardRedis(publishOne(kernel, react, principal, input, sending)),
    publishMany: (principal, inputs, sending) => guardRedis(publishMany(kernel, react, principal, inputs, sending)),
    list: (principal, query) => guardRedis(listEvents(kernel, principal, query), 'read'),
    show: (principal, id) => guardRedis(showEvent(kernel, principal, id), 'read'),
    receive: (arrival) => guardRedis(receive(arrival)),
  }
}

const guarded = (sources: Sources): Sources => ({
  list: (query) => guardRedis(sources.list(query), 'read'),
  show: (id) => guardRedis(sources.show(id), 'read'),
  create: (principal, input) => guardRedis(sources.create(principal, input)),
  edit: (principal, id, patch, versions) => guardRedis(sources.edit(principal, id, patch, versions)),
  remove: (principal, id, versions) => guardRedis(sources.remove(principal, id, versions)),
  rotate: (principal, id, rotation, versions) => guardRedis(sources.rotate(principal, id, rotation, versions)),
})
