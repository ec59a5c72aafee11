// Checks the rules: one process of the fleet looks, a few times a minute; what comes of a look is written and told in one step.
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { createLease } from '../kernel/lease.ts'
import { isRedisDown } from '../kernel/redis.ts'
import { loop } from '../kernel/service.ts'
import type { Service } from '../kernel/service.ts'
import { firing, resolved } from './facts.ts'
import { createLook } from './look.ts'
import type { LookNeeds } from './look.ts'
import { measure } from './measure.ts'
import type { Figures } from './measure.ts'
import { begun, goOn } from './policy.ts'
import type { Sample } from './policy.ts'
import { ruleOf, usualRules } from './rules.ts'
import type { Rule } from './rules.ts'
import { ACTIVE_MAX, createAlertStore, draftOf, placeOf } from './store.ts'
import type { Change, Now } from './store.ts'
import { createTracing } from './traces.ts'
import { RULE_IDS } from './words.ts'
import type { RuleId } from './words.ts'

export interface CheckerOptions {
  /** How often it is looked. */
  everyMs?: number
  /** How long a process that was killed keeps others waiting. */
  leaseMs?: number
}

/** Alerts that are written at once. */
const SLICE = 200

export interface Checker extends Service {
  /** Looks once and writes what comes of it, whoever else does. Answers how many alerts changed. */
  check(): Promise<number>
}

export const createChecker = (
  kernel: Kernel,
  needs: LookNeeds,
  { everyMs = 15_000, leaseMs = 30_000 }: CheckerOptions = {},
): Checker => {
  const store = createAlertStore(kernel)
  const usual = usualRules(kernel)
  const look = createLook(kernel, needs)
  const trace = createTracing(kernel)
  const lease = createLease(kernel, kernel.key('alerts', 'checker'), leaseMs)

  const check = async (): Promise<number> => {
    // What is known of alerts is read first: a change that somebody makes meanwhile is found again, and not written over.
    const now = await store.now()
    const figures = await look()
    const rules = RULE_IDS.map((id) => ruleOf(usual, id, now.edits.get(id)))
    const measured = measuredBy(rules, figures)
    const changes = rules.flatMap((rule) => changesOf(rule, measured.get(rule.kind.id) ?? [], now, figures.now))
    const versions: number[] = []
    for (let at = 0; at === 0 || at < changes.length; at += SLICE)
      versions.push(...(await store.settle(changes.slice(at, at + SLICE), figures.now)))
    if (versions.includes(-1)) kernel.log.warn('too many alerts at once; others do not begin', { max: ACTIVE_MAX })
    await store.sweep(now.silences, figures.now)
    await trace(measured)
    return versions.filter((version) => version > 0).length
  }
  const service = loop('alerts', async (signal) => {
    while (!signal.aborted) {
      try {
        if (await lease.acquire()) await check()
      } catch (error) {
        if (!isRedisDown(error)) kernel.log.warn('alerts could not be checked', { error })
      }
      await kernel.clock.sleep(everyMs, signal)
    }
    await lease.release().catch(() => undefined)
  })
  return { ...service, check }
}

const measuredBy = (rules: readonly Rule[], figures: Figures): Map<RuleId, readonly Sample[]> => {
  const all = measure(figures)
  return new Map(rules.map(({ kind }) => [kind.id, all.get(kind.metric) ?? []]))
}

/** What a look makes of all alerts of a rule: of those that are so, and of what was measured. */
const changesOf = ({ kind: { id }, settings }: Rule, samples: readonly Sample[], known: Now, now: number): Change[] => {
  const found = new Map(samples.map((sample) => [placeOf(id, sample.subject), sample]))
  const before = [...known.active].filter(([, { rule }]) => rule === id).map(([place]) => place)
  return [...new Set([...before, ...found.keys()])].flatMap((place) => {
    const record = known.active.get(place)
    const at = { now, lookedAt: known.checkedAt, silence: known.silences.get(place) }
    const make = (sample: Sample) => begun(makeId('al', now), id, settings, sample, now)
    const step = goOn(settings, record && draftOf(record), found.get(place), at, make)
    if (step === undefined) return []
    const { next, ended, tells } = step
    const fact = tells === 'firing' && next ? firing(next, now) : tells && ended ? resolved(ended, now) : undefined
    return { place, read: record?.version ?? 0, next, ended, fact }
  })
}
