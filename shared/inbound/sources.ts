// Event sources: the addresses other services send webhooks to, and how each is checked.
import type { Principal } from '../auth/contract.ts'
import { isOwnName } from '../events.ts'
import { toIso } from '../kernel/clock.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { Problem } from '../kernel/problem.ts'
import { PreconditionFailed, ValidationFailed } from '../kernel/problems.ts'
import { SourceMissing, TooManySources, USUAL_EMIT } from './contract.ts'
import type { EventSource, EventSourceCreated, EventSourceInput, EventSourcePatch } from './contract.ts'
import { reserved } from './publish.ts'
import { keepSecret, makeSecret, makeSourceId, rotated, valid } from './source.ts'
import type { SourceRecord } from './source.ts'
import { SOURCES_MAX, createSourceStore } from './store.ts'
import type { Figures, KeptSource } from './store.ts'
import type { Emit, Scheme } from './words.ts'

/** The versions a source may have for a change to be made; any when absent, any of one that is there with `any`. */
export type Versions = readonly number[] | 'any' | undefined

export interface Sources {
  /** The newest first. */
  list(query: { limit: number; cursor?: string | undefined }): Promise<Page<EventSource>>
  /** Problem: `event-source-not-found`. */
  show(id: string): Promise<EventSource>
  /** Problems: `reserved-event-name`, `too-many-event-sources`, `secrets-unavailable`, `validation-failed`. */
  create(principal: Principal, input: EventSourceInput): Promise<EventSourceCreated>
  /** Problems: `event-source-not-found`, `precondition-failed`, `reserved-event-name`, `validation-failed`. */
  edit(principal: Principal, id: string, patch: EventSourcePatch, versions?: Versions): Promise<EventSource>
  /** Problems: `event-source-not-found`, `precondition-failed`. */
  remove(principal: Principal, id: string, versions?: Versions): Promise<void>
  /** Problems: `event-source-not-found`, `precondition-failed`, `secrets-unavailable`, `validation-failed`. */
  rotate(
    principal: Principal,
    id: string,
    rotation: { secret?: string | undefined; grace_s: number },
    versions?: Versions,
  ): Promise<EventSourceCreated>
}

/** How often a change is tried again when somebody else was faster and the caller named no version. */
const TRIES = 5

const NOTHING: Figures = { received: 0, duplicates: 0, refused: 0, lastAt: null, lastEvent: null, lastRefusal: null }

type Change = 'edited' | 'deleted' | 'secret_rotated'

export const createSources = (kernel: Kernel): Sources => {
  const { clock } = kernel
  const store = createSourceStore(kernel)
  const shown = async (id: string, record: KeptSource): Promise<EventSource> => {
    const [figures = NOTHING] = await store.figures([id])
    return toSource(id, record, figures, clock.now())
  }
  /** Reads, decides and writes; once more when somebody was faster, unless the caller named the version. */
  const change = async (
    { name: actor }: Principal,
    id: string,
    versions: Versions,
    what: Change,
    decide: (record: SourceRecord) => SourceRecord | undefined,
  ): Promise<KeptSource> => {
    for (let left = TRIES; left > 0; left--) {
      const { version, ...record } = check(id, await store.find(id), versions)
      const after = decide(record)
      const told = { source_id: id, name: (after ?? record).name, change: what, actor }
      const saved = await store.save(told, version, after && { ...after, updatedAt: clock.now() })
      if (typeof saved === 'number') return { ...(after ?? record), updatedAt: clock.now(), version: saved }
    }
    throw PreconditionFailed(`The event source ${id} is being changed by others; try again.`)
  }
  return {
    async list({ limit, cursor }) {
      const secret = cursorSecret(kernel)
      const after = cursor === undefined ? undefined : decodeCursor<[number, string]>(secret, cursor, 'event-sources')
      const all = [...(await store.all())]
        .sort(([a, one], [b, other]) => other.createdAt - one.createdAt || (a < b ? -1 : 1))
        .filter(([id, { createdAt }]) => after === undefined || isBehind([createdAt, id], after))
      const page = all.slice(0, limit)
      const figures = await store.figures(page.map(([id]) => id))
      const last = all.length > page.length ? page.at(-1) : undefined
      return {
        data: page.map(([id, record], i) => toSource(id, record, figures[i] ?? NOTHING, clock.now())),
        page: {
          limit,
          has_more: last !== undefined,
          next_cursor: last === undefined ? null : encodeCursor(secret, [last[1].createdAt, last[0]], 'event-sources'),
          prev_cursor: null,
        },
      }
    },
    show: async (id) => shown(id, check(id, await store.find(id), undefined)),
    async create(principal, { name, verify: given, emit, enabled }) {
      const id = makeSourceId()
      const { secret: chosen, ...verify } = { secret: undefined, ...given }
      refuseOwnName(emit)
      const secret = firstSecret(verify.scheme, chosen)
      const record: SourceRecord = {
        name,
        verify,
        emit: emit === undefined ? (USUAL_EMIT[verify.scheme] ?? null) : emit,
        enabled,
        secrets: secret === undefined ? [] : [keepSecret(kernel, id, secret)],
        createdAt: clock.now(),
        createdBy: principal.name,
        updatedAt: clock.now(),
      }
      const saved = await store.save({ source_id: id, name, change: 'created', actor: principal.name }, 0, record)
      if (typeof saved !== 'number')
        throw TooManySources(`${SOURCES_MAX} event sources are kept already; remove some that are not used.`)
      const source = toSource(id, { ...record, version: saved }, NOTHING, clock.now())
      return { ...source, secret: chosen === undefined ? (secret ?? null) : null }
    },
    async edit(principal, id, { name, verify, emit, enabled }, versions) {
      refuseOwnName(emit)
      const record = await change(principal, id, versions, 'edited', (before) => {
        if (verify !== undefined && verify.scheme !== before.verify.scheme) throw otherScheme(before.verify.scheme)
        return {
          ...before,
          name: name ?? before.name,
          verify: verify ?? before.verify,
          emit: emit === undefined ? before.emit : emit,
          enabled: enabled ?? before.enabled,
        }
      })
      return shown(id, record)
    },
    async remove(principal, id, versions) {
      await change(principal, id, versions, 'deleted', () => undefined)
    },
    async rotate(principal, id, { secret: chosen, grace_s }, versions) {
      let made = ''
      const record = await change(principal, id, versions, 'secret_rotated', (before) => {
        made = secretFor(before.verify.scheme, chosen, '#/secret')
        const period = { now: clock.now(), graceMs: grace_s * 1_000 }
        return { ...before, secrets: rotated(before.secrets, keepSecret(kernel, id, made), period) }
      })
      return { ...(await shown(id, record)), secret: chosen === undefined ? made : null }
    },
  }
}

const isBehind = ([at, id]: [number, string], [place, last]: [number, string]): boolean =>
  at < place || (at === place && id > last)

const check = (id: string, record: KeptSource | undefined, versions: Versions): KeptSource => {
  if (!record) throw SourceMissing(`There is no event source ${id}.`)
  if (versions === undefined || versions === 'any' || versions.includes(record.version)) return record
  throw PreconditionFailed(`The event source ${id} has another version than the request says.`, {
    headers: { ETag: `"${record.version}"` },
  })
}

const refuseOwnName = (emit: Emit | null | undefined): void => {
  if (emit && isOwnName(emit.event)) throw reserved(emit.event, ['emit', 'event'])
}

const invalid = (at: string, detail: string): Problem =>
  ValidationFailed('1 field is not valid.', { errors: [{ pointer: at, code: 'invalid_value', detail }] })

const otherScheme = (scheme: Scheme): Problem =>
  invalid('#/verify/scheme', `stays ${scheme}; make another event source for another scheme`)

/** Undefined where nothing is signed, and for Stripe, which tells its secret only once it knows the address. */
const firstSecret = (scheme: Scheme, chosen: string | undefined): string | undefined =>
  scheme === 'none' || (scheme === 'stripe' && chosen === undefined)
    ? undefined
    : secretFor(scheme, chosen, '#/verify/secret')

/** The secret that was chosen, if it is one the scheme can use, or one that is made. */
const secretFor = (scheme: Scheme, chosen: string | undefined, at: string): string => {
  if (scheme === 'none') throw invalid(at, 'there is none: nothing is checked')
  if (chosen === undefined) {
    if (scheme === 'stripe' || scheme === 'slack') throw invalid(at, `is needed: ${scheme} gives you one`)
    return makeSecret(scheme)
  }
  if (scheme === 'standard_webhooks' && !isStandardSecret(chosen))
    throw invalid(at, 'must be whsec_ and 24 to 64 bytes in base64')
  return chosen
}

const isStandardSecret = (text: string): boolean => {
  const base64 = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/.exec(text)?.[1]
  const bytes = base64 === undefined ? 0 : Buffer.from(base64, 'base64').length
  return bytes >= 24 && bytes <= 64
}

const orNull = (at: number | null): string | null => (at === null ? null : toIso(at))

const toSource = (id: string, record: KeptSource, figures: Figures, now: number): EventSource => ({
  id,
  name: record.name,
  verify: record.verify,
  emit: record.emit,
  enabled: record.enabled,
  path: `/hooks/${id}`,
  secrets: valid(record.secrets, now).map(({ hint, expiresAt }) => ({ hint, expires_at: orNull(expiresAt) })),
  received: figures.received,
  duplicates: figures.duplicates,
  refused: figures.refused,
  last_received_at: orNull(figures.lastAt),
  last_event_id: figures.lastEvent,
  last_refusal: figures.lastRefusal && { at: toIso(figures.lastRefusal.at), reason: figures.lastRefusal.reason },
  created_at: toIso(record.createdAt),
  created_by: record.createdBy,
  updated_at: toIso(record.updatedAt),
  version: record.version,
})
