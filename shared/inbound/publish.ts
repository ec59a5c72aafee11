// Events that clients send: checked all together, told one by one, each once.
import type { Principal } from '../auth/contract.ts'
import { OWN_WORDS, isOwnName } from '../events.ts'
import { toIso } from '../kernel/clock.ts'
import { hashId, makeId, sha256 } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { pointer } from '../kernel/mistakes.ts'
import type { FieldError, Problem } from '../kernel/problem.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { DATA_MAX, EventIdReused, ReservedName } from './contract.ts'
import type { EventAccepted, EventInput, EventResult } from './contract.ts'
import { refuseCircles } from './hops.ts'
import type { React } from './react.ts'
import { tell } from './tell.ts'
import type { Ready, Told } from './tell.ts'

export interface Sending {
  readonly idempotencyKey?: string | undefined
  /** How often what led to this went through k1n before. */
  readonly hop: number
  /** Names of k1n's own that may be told all the same. */
  readonly own?: readonly string[]
}

/** Problems: `event-id-reused`, `reserved-event-name`, `too-many-hops`, `validation-failed`. */
export const publishOne = async (
  kernel: Kernel,
  react: React,
  principal: Principal,
  input: EventInput,
  sending: Sending,
): Promise<EventAccepted> => {
  refuseCircles(sending.hop)
  const ready = prepare(kernel, principal, sending)(input, 0)
  refuseInvalid(kernel.clock.now(), [input], [ready], () => [], sending.own)
  const [told = 'conflict'] = await tell(kernel, react, [ready])
  if (told === 'conflict') throw reused(ready.id)
  return { event_id: ready.id, duplicate: !told.isNew, matched: [...told.matched] }
}

/** One result for each event, in order. Problems: `reserved-event-name`, `too-many-hops`, `validation-failed`. */
export const publishMany = async (
  kernel: Kernel,
  react: React,
  principal: Pick<Principal, 'id'>,
  inputs: readonly EventInput[],
  sending: Sending,
): Promise<EventResult[]> => {
  refuseCircles(sending.hop)
  const ready = inputs.map(prepare(kernel, principal, sending))
  refuseInvalid(kernel.clock.now(), inputs, ready, (index) => ['events', String(index)], sending.own)
  const told = await tell(kernel, react, ready)
  return ready.map(({ id }, index) => resultOf(index, id, told[index] ?? 'conflict'))
}

/** Refuses events that could not be told, before any of them is; `at` is where each lies in the body. */
export const refuseEvents = (
  kernel: Kernel,
  principal: Pick<Principal, 'id'>,
  inputs: readonly EventInput[],
  sending: Sending,
  at: (index: number) => readonly string[],
): void => {
  refuseCircles(sending.hop)
  refuseInvalid(kernel.clock.now(), inputs, inputs.map(prepare(kernel, principal, sending)), at, sending.own)
}

export const reused = (id: string): Problem =>
  EventIdReused(`The id ${id} came with another event within the last 24 hours; use a new one.`)

const resultOf = (index: number, id: string, told: Told): EventResult => {
  if (told !== 'conflict')
    return { index, status: 202, event_id: id, duplicate: !told.isNew, matched: [...told.matched] }
  const { code, title, status, message: detail } = reused(id)
  return { index, status, event_id: id, duplicate: false, matched: [], problem: { code, title, status, detail } }
}

const prepare =
  (kernel: Kernel, principal: Pick<Principal, 'id'>, { idempotencyKey, hop }: Sending) =>
  (input: EventInput, index: number): Ready => {
    const now = kernel.clock.now()
    const { event: name, data, occurred_at, subject = null } = input
    const text = JSON.stringify(data)
    return {
      id: input.id ?? idOf(principal, idempotencyKey, index) ?? makeId('evt', now),
      name,
      at: occurred_at === undefined ? now : Date.parse(occurred_at),
      data,
      text,
      digest: sha256(JSON.stringify([name, text, occurred_at ?? null, subject])),
      subject,
      source: null,
      hop,
    }
  }

/** The id that a key stands for: a request that broke off finds its events again. */
const idOf = (principal: Pick<Principal, 'id'>, key: string | undefined, index: number): string | undefined =>
  key === undefined ? undefined : `evt_i${hashId(31, principal.id, key, String(index))}`

/** Ahead of us by no more than clocks differ: what is yet to happen is a schedule's. */
const AHEAD_MS = 300_000

const refuseInvalid = (
  now: number,
  inputs: readonly EventInput[],
  ready: readonly Ready[],
  at: (index: number) => readonly string[],
  allowed: readonly string[] = [],
): void => {
  const own = inputs.findIndex(({ event }) => isOwnName(event) && !allowed.includes(event))
  if (own >= 0) throw reserved(inputs[own]?.event ?? '', [...at(own), 'event'])
  const errors = ready.flatMap((event, index) => mistakesIn(event, now).map((error) => inEvent(error, at(index))))
  if (errors.length > 0) throw ValidationFailed('The events are not valid; none was told.', { errors })
}

type Mistake = readonly [member: string, code: string, detail: string]

const inEvent = ([member, code, detail]: Mistake, at: readonly string[]): FieldError => ({
  pointer: pointer([...at, member]),
  code,
  detail,
})

const mistakesIn = ({ text, at }: Ready, now: number): Mistake[] => [
  ...(Buffer.byteLength(text) > DATA_MAX
    ? [['data', 'too_big', `must be at most ${DATA_MAX} bytes of JSON`] as const]
    : []),
  ...(at > now + AHEAD_MS ? [['occurred_at', 'too_big', `must not be after ${toIso(now)}`] as const] : []),
]

/** Words that say which names are whose. */
export const reserved = (name: string, at: readonly string[]): Problem => {
  const detail = `names that begin with ${OWN_WORDS.join(', ')} are k1n's own`
  return ReservedName(`${name} cannot be sent: ${detail}.`, {
    errors: [{ pointer: pointer(at), code: 'reserved', detail }],
  })
}
