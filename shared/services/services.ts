// Services: what jobs call and what that is held to. Declared in code, made by operators, or learnt from hosts that are called.
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { Problem } from '../kernel/problem.ts'
import { PreconditionFailed, ValidationFailed } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import type { Service as Running } from '../kernel/service.ts'
import { JobExists } from '../jobs/problems.ts'
import { ServiceMissing, TooManyServices } from './contract.ts'
import type { Service, ServiceCreate, ServiceInput, ServiceOrigin } from './contract.ts'
import { DEFAULT_CONFIG } from './declare.ts'
import type { DeclaredService } from './declare.ts'
import { createLearning } from './learning.ts'
import { configWith, mergeEdits, partsOf, sourcesOf, withEdits } from './policy.ts'
import type { Part } from './policy.ts'
import { RECORDS_MAX, createServiceStore } from './store.ts'
import type { ServiceRecord, Versioned } from './store.ts'
import { createServiceView } from './view.ts'
import type { ServiceConfig, ServicePatch } from './words.ts'

/** What must be so for a change to be made. */
export interface Condition {
  /** The versions the service may have; any when absent, any of one that is there with `any`. */
  versions?: readonly number[] | 'any' | undefined
  /** There must be no such service yet. */
  isNew?: boolean
}

export interface ServiceQuery {
  limit: number
  cursor?: string | undefined
  origin?: readonly ServiceOrigin[] | undefined
  q?: string | undefined
}

export interface Services extends Running {
  list(query: ServiceQuery): Promise<Page<Service>>
  /** All names, in order: declared, made and learnt ones. */
  names(): Promise<string[]>
  /** Problem: `service-not-found`. */
  show(name: string): Promise<Service>
  /** Those of the names that are services, in the same order. */
  find(names: readonly string[]): Promise<Service[]>
  /** Problems: `already-exists`, `too-many-services`. */
  create(principal: Principal, input: ServiceCreate): Promise<Service>
  /** Makes it where there is none. Problems: `precondition-failed`, `too-many-services`. */
  replace(
    principal: Principal,
    name: string,
    input: ServiceInput,
    condition?: Condition,
  ): Promise<{ service: Service; created: boolean }>
  /** Problems: `service-not-found`, `precondition-failed`, `validation-failed` when what comes out contradicts itself.
   *  `within` is the part the caller changes, when it is only one: mistakes are told as lying in that part. */
  edit(principal: Principal, name: string, patch: ServicePatch, condition?: Condition, within?: Part): Promise<Service>
  /** Problems: `service-not-found`, `precondition-failed`. */
  remove(principal: Principal, name: string, condition?: Condition): Promise<void>
  /** Remembers a host that a job calls; answers the name of its service, undefined for what can be no name. At most 1,000 are
   *  remembered, those called last; never waits for Redis. */
  learn(host: string): string | undefined
  /** What a service is held to, from this process's memory; see `ServiceView`. */
  configOf(service: string): ServiceConfig
}

export interface ServicesNeeds {
  declared: ReadonlyMap<string, DeclaredService>
  /** Drops what other rooms keep of services that are no more. */
  forget?: (names: readonly string[]) => Promise<void>
}

/** How often a change is tried again when somebody else was faster and the caller named no version. */
const TRIES = 5

interface Known {
  declared: DeclaredService | undefined
  record: Versioned | undefined
  calledAt: number | undefined
}
const NOBODY: Known = { declared: undefined, record: undefined, calledAt: undefined }

export const createServices = (
  kernel: Kernel,
  { declared, forget = async () => undefined }: ServicesNeeds,
): Services => {
  const store = createServiceStore(kernel)
  const view = createServiceView(kernel, store, declared)
  const learning = createLearning(kernel, store, declared, forget)

  const readMany = async (names: readonly string[]): Promise<[string, Known][]> => {
    const found = await store.find(names)
    return names.map((name, i) => [name, { declared: declared.get(name), record: undefined, calledAt: undefined, ...found[i] }]) // prettier-ignore
  }
  const read = async (name: string): Promise<Known> => {
    const [entry] = await readMany([name])
    return entry?.[1] ?? NOBODY
  }
  const readAll = async (): Promise<Map<string, Known>> => {
    const [records, learnt] = await Promise.all([store.records(), store.learnt()])
    const names = [...new Set([...declared.keys(), ...records.keys(), ...learnt.keys()])].sort()
    return new Map(
      names.map((name) => [
        name,
        { declared: declared.get(name), record: records.get(name), calledAt: learnt.get(name) },
      ]),
    )
  }
  const show = async (name: string): Promise<Service> => toService(name, existing(name, await read(name)))

  const list = async ({ limit, cursor, origin, q }: ServiceQuery): Promise<Page<Service>> => {
    const secret = cursorSecret(kernel)
    const filter = ['services', origin ?? null, q ?? null]
    const after = cursor === undefined ? '' : decodeCursor<string>(secret, cursor, filter)
    const all = [...(await readAll())].filter(
      ([name, known]) =>
        name > after && (q === undefined || name.includes(q)) && (origin?.includes(originOf(known)) ?? true),
    )
    const page = all.slice(0, limit)
    const more = all.length > page.length
    const next = more ? encodeCursor(secret, page.at(-1)?.[0], filter) : null
    return {
      data: page.map(([name, known]) => toService(name, known)),
      page: { limit, has_more: more, next_cursor: next, prev_cursor: null },
    }
  }

  /** Reads, decides and writes; once more when somebody was faster, unless the caller named the version. */
  const change = async (
    principal: Principal,
    name: string,
    condition: Condition,
    decide: (known: Known) => ServicePatch | undefined,
  ): Promise<{ known: Known; isNew: boolean }> => {
    for (let left = TRIES; left > 0; left--) {
      const before = await read(name)
      check(name, before, condition)
      const edits = decide(before)
      const isNew = !isThere(before)
      const record = edits && recordOf(kernel, principal, edits, isNew ? 'created' : originOf(before))
      const saved = await store.save(
        {
          service: name,
          change: edits === undefined ? 'deleted' : isNew ? 'created' : 'edited',
          parts: partsOf(edits ?? before.record?.edits ?? {}),
          actor: principal.name,
        },
        before.record?.version ?? 0,
        record,
      )
      if (saved === 'full')
        throw TooManyServices(`${RECORDS_MAX} services are kept already; delete some that are not used.`)
      if (saved !== 'changed') return { known: { ...before, record: record && { ...record, version: saved } }, isNew }
    }
    throw PreconditionFailed(`The service ${name} is being changed by others; try again.`)
  }

  const create = async (principal: Principal, { name, ...input }: ServiceCreate): Promise<Service> => {
    const { known } = await change(principal, name, {}, (before) => {
      if (isThere(before)) throw JobExists(`There is a service ${name} already.`)
      return input
    })
    return toService(name, known)
  }
  const edit = async (
    principal: Principal,
    name: string,
    patch: ServicePatch,
    condition: Condition = {},
    within?: Part,
  ): Promise<Service> => {
    const { known } = await change(principal, name, condition, (before) => {
      existing(name, before)
      const edits = mergeEdits(before.record?.edits ?? {}, patch)
      const result = withEdits(before.declared?.config ?? DEFAULT_CONFIG, edits)
      if (!result.success) throw contradiction(result.error.issues, within)
      return edits
    })
    return toService(name, known)
  }
  const remove = async (principal: Principal, name: string, condition: Condition = {}): Promise<void> => {
    await change(principal, name, condition, (before) => {
      existing(name, before)
      return undefined
    })
    if (declared.has(name)) return
    await store.unlearn(name)
    await forget([name])
  }
  return {
    name: 'services',
    list: (query) => guardRedis(list(query), 'read'),
    names: async () => [...new Set([...declared.keys(), ...(await store.names())])].sort(),
    show: (name) => guardRedis(show(name), 'read'),
    find: async (names) =>
      (await readMany(names)).flatMap(([name, known]) => (isThere(known) ? [toService(name, known)] : [])),
    create: (principal, input) => guardRedis(create(principal, input)),
    replace: async (principal, name, input, condition = {}) => {
      const { known, isNew } = await guardRedis(change(principal, name, condition, () => input))
      return { service: toService(name, known), created: isNew }
    },
    edit: (principal, name, patch, condition, within) => guardRedis(edit(principal, name, patch, condition, within)),
    remove: (principal, name, condition) => guardRedis(remove(principal, name, condition)),
    learn: learning,
    configOf: (service) => view.configOf(service),
    start: () => view.start(),
    stop: () => view.stop(),
  }
}

const isThere = ({ declared, record, calledAt }: Known): boolean =>
  declared !== undefined || record !== undefined || calledAt !== undefined

const originOf = ({ declared, record }: Known): ServiceOrigin =>
  declared !== undefined ? 'declared' : (record?.origin ?? 'learnt') === 'learnt' ? 'learnt' : 'created'

const existing = (name: string, known: Known): Known => {
  if (!isThere(known)) throw ServiceMissing(`There is no service ${name}.`)
  return known
}

const check = (name: string, known: Known, { versions, isNew }: Condition): void => {
  const version = known.record?.version ?? 0
  const fits = versions === undefined || (isThere(known) && (versions === 'any' || versions.includes(version)))
  if (fits && !(isNew === true && isThere(known))) return
  throw PreconditionFailed(`The service ${name} has another version than the request says.`, {
    ...(isThere(known) ? { headers: { ETag: `"${version}"` } } : {}),
  })
}

const recordOf = (
  { clock }: Kernel,
  { name }: Principal,
  edits: ServicePatch,
  origin: ServiceOrigin,
): ServiceRecord => ({ origin, edits, at: clock.now(), by: name })

/** A change that fits its schema and not what it changes. `within` is the part that was sent, when it was only one. */
export const contradiction = (
  issues: readonly { path: PropertyKey[]; code?: string | undefined; message: string }[],
  within?: Part,
): Problem =>
  ValidationFailed('With this change the service would contradict itself.', {
    errors: issues.map(({ path, code = 'custom', message }) => ({
      pointer: ['#', ...path.slice(within === undefined ? 0 : 1).map(String)].join('/'),
      code,
      detail: message,
    })),
  })

const toService = (name: string, known: Known): Service => {
  const { declared, record, calledAt } = known
  const edits = record?.edits
  return {
    name,
    summary: edits?.summary === undefined ? (declared?.summary ?? null) : edits.summary,
    origin: originOf(known),
    ...configWith(declared?.config ?? DEFAULT_CONFIG, edits),
    sources: sourcesOf(declared !== undefined, edits),
    updated_at: record ? toIso(record.at) : null,
    updated_by: record?.by ?? null,
    called_at: calledAt === undefined ? null : toIso(calledAt),
    version: record?.version ?? 0,
  }
}
