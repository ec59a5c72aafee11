// Schedules: what makes jobs at times and on events. Declared in code, made by operators, or adopted from others.
import { isDeepStrictEqual } from 'node:util'
import type { Principal } from '../auth/contract.ts'
import type { Bull } from '../bullmq/bullmq.ts'
import type { Catalog } from '../catalog/kind.ts'
import { JobExists } from '../jobs/problems.ts'
import { seesData } from '../jobs/read.ts'
import { hashId, uuidv7 } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { pointer } from '../kernel/mistakes.ts'
import type { Page } from '../kernel/page.ts'
import { ValidationFailed } from '../kernel/problems.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { createCatalogue } from './catalogue.ts'
import { createChange, missing } from './changes.ts'
import type { Condition, Decide } from './changes.ts'
import { checkTrigger } from './check.ts'
import { ScheduleDeclared } from './contract.ts'
import type {
  Schedule,
  ScheduleCreate,
  ScheduleMember,
  SchedulePatch,
  SchedulePreview,
  TriggerCheck,
  TriggerToCheck,
} from './contract.ts'
import { ScheduleDefinition } from './definition.ts'
import type { ScheduleRecord } from './definition.ts'
import { describeTrigger } from './describe.ts'
import { mustFit } from './fit.ts'
import { hearsOf } from './hears.ts'
import { pageOf } from './list.ts'
import type { ScheduleQuery } from './list.ts'
import { slotsAfter } from './planned.ts'
import { asDeclared, changesTimes, made, paused, redefined, resumed } from './policy.ts'
import type { By } from './policy.ts'
import { timeOf, toSchedule } from './present.ts'
import { NOTHING_RAN, readRunStates } from './run-states.ts'
import { createScheduleStore } from './store.ts'
import { take } from './times.ts'
import { sees } from './visible.ts'

export interface Schedules {
  list(principal: Principal, query: ScheduleQuery): Promise<Page<Schedule>>
  /** Problem: `schedule-not-found`. */
  show(principal: Principal, id: string): Promise<Schedule>
  /** An id that is not given is made from the request's `Idempotency-Key`, so that one that is repeated makes no second one.
   *  Problems: `already-exists`, `unknown-job-name`, `too-many-schedules`, `validation-failed`. */
  create(principal: Principal, input: ScheduleCreate, idempotencyKey?: string): Promise<Schedule>
  /** Makes it where there is none. Problems: those of `create` and `edit`. */
  put(
    principal: Principal,
    id: string,
    definition: ScheduleDefinition,
    condition?: Condition,
  ): Promise<{ schedule: Schedule; created: boolean }>
  /** Problems: `schedule-not-found`, `precondition-failed`, `unknown-job-name`, `validation-failed`. */
  edit(principal: Principal, id: string, patch: SchedulePatch, condition?: Condition): Promise<Schedule>
  /** Takes back what was changed of what code declares. Problems: those of `edit`. */
  reset(
    principal: Principal,
    id: string,
    members: readonly ScheduleMember[] | undefined,
    condition?: Condition,
  ): Promise<Schedule>
  /** Problems: `schedule-not-found`, `schedule-declared`, `precondition-failed`. */
  remove(principal: Principal, id: string, condition?: Condition): Promise<void>
  /** Problems: `schedule-not-found`, `precondition-failed`, `validation-failed` for a time that is over. */
  pause(
    principal: Principal,
    id: string,
    pause: { reason?: string | undefined; until?: string | undefined },
    condition?: Condition,
  ): Promise<Schedule>
  /** Problems: `schedule-not-found`, `precondition-failed`. */
  resume(principal: Principal, id: string, condition?: Condition): Promise<Schedule>
  /** When it comes next. Problem: `schedule-not-found`. */
  preview(
    principal: Principal,
    id: string,
    query: { count: number; from?: string | undefined },
  ): Promise<SchedulePreview>
  /** What a trigger means and when it fires next; a value that is none is answered with what is wrong with it. */
  validate(body: TriggerToCheck): TriggerCheck
}

export interface SchedulesNeeds {
  bull: Bull
  catalog: Catalog
}

const NEXT = 5

export const createSchedules = (kernel: Kernel, { bull, catalog }: SchedulesNeeds): Schedules => {
  const { clock } = kernel
  const store = createScheduleStore(kernel)
  const catalogue = createCatalogue(kernel, store)
  const changing = createChange(store, catalog)
  const byOf = ({ name }: Principal): By => ({ now: clock.now(), by: name })
  const definedBy = (principal: Principal, definition: ScheduleDefinition, before?: ScheduleRecord): By => ({
    ...byOf(principal),
    hears: hearsOf(principal, definition, before),
  })

  const present = async (principal: Principal, records: readonly ScheduleRecord[]): Promise<Schedule[]> => {
    const states = await readRunStates(kernel, records)
    const seen = { catalog, now: clock.now(), seesData: seesData(principal) }
    return records.map((record, index) => toSchedule(record, { ...seen, state: states[index] ?? NOTHING_RAN }))
  }
  const presentOne = async (principal: Principal, record: ScheduleRecord): Promise<Schedule> => {
    const [schedule] = await present(principal, [record])
    if (schedule === undefined) throw missing(record.id)
    return schedule
  }
  const find = async (principal: Principal, id: string): Promise<ScheduleRecord> => {
    const record = await store.find(id)
    if (record === undefined || !sees(catalog, principal, record)) throw missing(id)
    return record
  }
  const fit = (principal: Principal, definition: ScheduleDefinition, before?: ScheduleRecord): Promise<void> => {
    const isNew = before === undefined || changesTimes(before.definition, definition)
    return mustFit({ bull, catalog }, principal, definition, { now: clock.now(), isNew })
  }
  const changed = async (
    principal: Principal,
    id: string,
    condition: Condition,
    decide: (before: ScheduleRecord) => ReturnType<Decide>,
  ): Promise<Schedule> => {
    const { record } = await changing(principal, id, condition, (before) => {
      if (before === undefined) throw missing(id)
      return decide(before)
    })
    return presentOne(principal, record)
  }
  const redefine = (
    principal: Principal,
    id: string,
    condition: Condition,
    definitionOf: (before: ScheduleRecord) => ScheduleDefinition,
  ): Promise<Schedule> =>
    changed(principal, id, condition, async (before) => {
      const definition = definitionOf(before)
      await fit(principal, definition, before)
      return { change: 'updated', next: redefined(before, definition, definedBy(principal, definition, before)) }
    })
  const put = async (principal: Principal, id: string, definition: ScheduleDefinition, condition: Condition) => {
    const { record, isNew } = await changing(principal, id, condition, async (before) => {
      await fit(principal, definition, before)
      return before === undefined
        ? { change: 'created', next: made(id, definition, definedBy(principal, definition)) }
        : { change: 'updated', next: redefined(before, definition, definedBy(principal, definition, before)) }
    })
    return { schedule: await presentOne(principal, record), created: isNew }
  }
  const create = async (principal: Principal, { id, ...definition }: ScheduleCreate, key: string | undefined) => {
    const own = id ?? (key === undefined ? uuidv7(clock.now()) : `i-${hashId(32, principal.id, key)}`)
    const { record } = await changing(principal, own, {}, async (before) => {
      // The request came before and its answer got lost.
      if (before && id === undefined && isDeepStrictEqual(before.definition, definition)) return { change: 'stays' }
      if (before) throw JobExists(`There is a schedule ${own} already; give another id, or change it with PUT.`)
      await fit(principal, definition)
      return { change: 'created', next: made(own, definition, definedBy(principal, definition)) }
    })
    return presentOne(principal, record)
  }
  const preview: Schedules['preview'] = async (principal, id, { count, from }) => {
    const record = await find(principal, id)
    const { runs } = (await readRunStates(kernel, [record]))[0] ?? NOTHING_RAN
    const left = (record.definition.max_runs ?? Number.POSITIVE_INFINITY) - runs
    const after = Math.max(from === undefined ? clock.now() : Date.parse(from), record.pause?.until ?? 0)
    const slots = take(slotsAfter(record.definition, after), Math.min(count, Math.max(0, left)) + 1)
    const times = slots.slice(0, Math.min(count, left)).map((slot) => timeOf(record, slot))
    return { times, complete: times.length === slots.length || times.length >= left }
  }

  return {
    list: async (principal, query) => {
      const all = await guardRedis(catalogue.look(), 'read')
      const seen = [...all.values()].filter((record) => sees(catalog, principal, record))
      const { records, page } = pageOf(kernel, catalog, seen, query)
      return { data: await guardRedis(present(principal, records), 'read'), page }
    },
    show: async (principal, id) =>
      guardRedis(presentOne(principal, await guardRedis(find(principal, id), 'read')), 'read'),
    create: (principal, input, key) => guardRedis(create(principal, input, key)),
    put: (principal, id, definition, condition = {}) => guardRedis(put(principal, id, definition, condition)),
    edit: (principal, id, patch, condition = {}) =>
      guardRedis(redefine(principal, id, condition, ({ definition }) => ({ ...definition, ...given(patch) }))),
    reset: (principal, id, members, condition = {}) =>
      guardRedis(redefine(principal, id, condition, (before) => asDeclared(before, members))),
    remove: async (principal, id, condition = {}) => {
      const decide: Decide = (before) => {
        if (before === undefined) throw missing(id)
        if (before.declared !== null && before.orphanedAt === null) throw declared(id)
        return { change: 'deleted', next: undefined }
      }
      await guardRedis(changing(principal, id, condition, decide))
    },
    pause: (principal, id, { reason = null, until }, condition = {}) => {
      const end = until === undefined ? null : Date.parse(until)
      if (end !== null && end <= clock.now()) throw isOver()
      return guardRedis(
        changed(principal, id, condition, (before) => ({
          change: 'paused',
          next: paused(before, { reason, until: end }, byOf(principal)),
        })),
      )
    },
    resume: (principal, id, condition = {}) =>
      guardRedis(
        changed(principal, id, condition, (before) =>
          before.pause === null ? { change: 'stays' } : { change: 'resumed', next: resumed(before, byOf(principal)) },
        ),
      ),
    preview: (principal, id, query) => guardRedis(preview(principal, id, query), 'read'),
    validate({ trigger: value, id = 'new', ...rest }) {
      const { trigger, errors } = checkTrigger(value, ['trigger'])
      if (trigger === undefined) return { valid: false, description: null, next: [], errors: errors.map(told) }
      const definition = ScheduleDefinition.parse({ name: id, job_name: id, trigger, ...rest })
      const slots = take(slotsAfter(definition, clock.now()), NEXT)
      const next = slots.map((slot) => timeOf({ id, definition }, slot))
      return { valid: true, description: describeTrigger(trigger), next, errors: [] }
    },
  }
}

const told = ({ pointer: at = pointer([]), code, detail }: { pointer?: string; code: string; detail: string }) => ({
  pointer: at,
  code,
  detail,
})

/** Members that are there; zod's optional ones may be there as `undefined`. */
const given = (patch: SchedulePatch): Partial<ScheduleDefinition> =>
  Object.fromEntries(Object.entries(patch).filter(([, member]) => member !== undefined))

const declared = (id: string): Error =>
  ScheduleDeclared(`The schedule ${id} is declared in code and would come back: pause it, or take it out of the code.`)

const isOver = (): Error =>
  ValidationFailed('1 field is not valid.', {
    errors: [{ pointer: '#/until', code: 'custom', detail: 'must be a time to come' }],
  })
