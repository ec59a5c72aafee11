// A webhook of another service on its way in: bounded, checked, read, and told once.
import { randomBytes } from 'node:crypto'
import { hashId, makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { VaultError } from '../kernel/vault.ts'
import { InvalidSignature, WebhookReceived } from './contract.ts'
import type { Delivered } from './contract.ts'
import { createGuard } from './guard.ts'
import { refuseCircles } from './hops.ts'
import { challengeOf, deliveryOf, nameOf, refusalOf, signedOf } from './policy.ts'
import type { Delivery, Headers } from './policy.ts'
import type { React } from './react.ts'
import { openSecrets } from './source.ts'
import type { SourceRecord } from './source.ts'
import { createSourceStore } from './store.ts'
import type { SourceStore } from './store.ts'
import { tell } from './tell.ts'
import type { Ready, Told } from './tell.ts'
import type { Refusal } from './words.ts'

/** A request to a source, before anything of its body was read. */
export interface Arrival {
  readonly source: string
  readonly ip: string
  readonly headers: Headers
  /** How often what led to it went through k1n before. */
  readonly hop: number
  /** The body, as it came. */
  read(): Promise<Buffer>
  /** What the body says; called when it is known to be the source's. Throws the problem of a body that says nothing. */
  parse(raw: Buffer): unknown
}

/** Takes a request. Problems: `too-many-deliveries`, `invalid-signature`, `too-many-hops`, and those of the body. */
export type Receive = (arrival: Arrival) => Promise<Delivered>

export const createReceive = (kernel: Kernel, react: React): Receive => {
  const guard = createGuard(kernel.clock)
  const store = createSourceStore(kernel)
  /** Nobody waits for this: a refusal takes as long for a source that is there as for one that is not. */
  const count = (id: string, reason: Refusal): void => void store.refuse(id, reason).catch(() => undefined)
  const take = async (arrival: Arrival): Promise<Delivered> => {
    const { source: id, ip, headers } = arrival
    const delivery: Delivery = { headers, raw: await arrival.read(), now: kernel.clock.now() }
    const source = await store.find(id)
    const refusal = judge(kernel, id, source, delivery)
    if (!source || refusal !== undefined) {
      guard.refused(ip, id)
      if (source && refusal !== undefined) count(id, refusal)
      throw InvalidSignature('No event source takes this: it is not there, is off, or the signature is not right.')
    }
    refuseCircles(arrival.hop)
    const payload = readable(arrival, delivery.raw, () => count(id, 'unreadable_body'))
    const challenge = challengeOf(source.verify, payload)
    if (challenge !== undefined) return { challenge }
    const known = await knownAs(store, id, source, { payload, delivery })
    const ready = readyOf(arrival, source, { payload, now: delivery.now, known })
    return answerOf(ready, await tell(kernel, react, ready, true))
  }
  return async (arrival) => {
    const leave = guard.admit(arrival.ip, arrival.source)
    try {
      return await take(arrival)
    } finally {
      leave()
    }
  }
}

const readable = (arrival: Arrival, raw: Buffer, count: () => void): unknown => {
  try {
    return arrival.parse(raw)
  } catch (error) {
    count()
    throw error
  }
}

/** What is checked where there is no source, or no secret yet, so that its absence takes as long to tell. */
const DECOY = { scheme: 'hmac', signature_header: 'x-signature', prefix: '', encoding: 'hex', id_header: null } as const
const DECOY_SECRET = randomBytes(32).toString('hex')

/** Why a delivery is refused. What is off is checked nevertheless, for the same reason. */
const judge = (
  kernel: Kernel,
  id: string,
  source: SourceRecord | undefined,
  delivery: Delivery,
): Refusal | undefined => {
  try {
    const secrets = source ? openSecrets(kernel, id, source) : []
    const isBare = secrets.length === 0
    const refusal = refusalOf(source?.verify ?? DECOY, isBare ? [DECOY_SECRET] : secrets, delivery)
    if (source?.enabled === false) return 'disabled'
    return source && isBare ? 'no_secret' : refusal
  } catch (error) {
    if (!(error instanceof VaultError)) throw error
    kernel.log.error('a webhook cannot be checked', { source: id, error })
    return 'secret_unreadable'
  }
}

interface Taken {
  readonly payload: unknown
  readonly delivery: Delivery
}

/** What the delivery is known again by. An id that nobody signed does not make another delivery of the same bytes. */
const knownAs = async (
  store: SourceStore,
  id: string,
  { verify }: SourceRecord,
  { payload, delivery }: Taken,
): Promise<string | undefined> => {
  const known = deliveryOf(verify, delivery, payload)
  const signed = signedOf(verify, delivery)
  return known === undefined || signed === undefined ? known : store.firstWith(id, signed, known)
}

/** The delivery as `webhook.received` and, where its source says so, as an event of a name of its own. Both ids come from the
 *  delivery's, so that one which is repeated is known again. */
const readyOf = (
  { source: id, headers, hop }: Arrival,
  source: SourceRecord,
  { payload, now, known }: { payload: unknown; now: number; known: string | undefined },
): Ready[] => {
  const idFor = (part: string): string =>
    known === undefined ? makeId('evt', now) : `evt_${hashId(32, id, known, part)}`
  const make = (event_id: string, name: string, data: Readonly<Record<string, unknown>>): Ready => ({
    id: event_id,
    name,
    at: now,
    data,
    text: JSON.stringify(data),
    digest: '',
    source: id,
    subject: null,
    hop,
  })
  const event_id = idFor('received')
  const received = make(event_id, WebhookReceived.name, { source_id: id, event_id, payload })
  if (source.emit === null) return [received]
  return [received, make(idFor('named'), nameOf(source.emit, headers, payload), asData(payload))]
}

/** The data of an event has members; a payload that is a list or a single value is one of them. */
const asData = (payload: unknown): Record<string, unknown> =>
  typeof payload === 'object' && payload !== null && !Array.isArray(payload)
    ? (payload as Record<string, unknown>)
    : { payload }

const answerOf = ([received]: readonly Ready[], told: readonly Told[]): Delivered => {
  const known = told.flatMap((one) => (one === 'conflict' ? [] : [one]))
  return {
    event_id: received?.id ?? '',
    duplicate: !known.some(({ isNew }) => isNew),
    matched: known.flatMap(({ matched }) => [...matched]),
  }
}
