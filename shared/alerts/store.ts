// What Redis knows of alerts: those that are so now, those that ended, silences, and what was changed about rules.
import { z } from 'zod'
import { factHead, eventLogKey } from '../stream/log.ts'
import type { Fact } from '../kernel/event.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { script } from '../kernel/script.ts'
import { versioned } from '../kernel/versioned.ts'
import { AlertDraft, RuleId, RuleSettings, Silence } from './words.ts'
import type { AlertRecord, Subject } from './words.ts'

const settleScript = script(new URL('./settle.lua', import.meta.url))
const saveScript = script(new URL('./save.lua', import.meta.url))
const sweepScript = script(new URL('./sweep.lua', import.meta.url))

/** Alerts that are so at once; beyond it none begins. */
export const ACTIVE_MAX = 1_000
/** Ended ones that are kept, and for how long. */
export const ENDED_MAX = 1_000
export const ENDED_MS = 30 * 86_400_000

/** What names an alert while it is so: one rule says one thing about one subject. */
export const placeOf = (rule: RuleId, { kind, id }: Pick<Subject, 'kind' | 'id'>): string => `${rule}|${kind}|${id}`

export const draftOf = ({ version: _version, ...draft }: AlertRecord): AlertDraft => draft

/** A change of one alert. */
export interface Change {
  readonly place: string
  /** The version it was read with; 0: there was none. */
  readonly read: number
  readonly next: AlertDraft | undefined
  readonly ended?: AlertDraft | undefined
  readonly fact?: Fact | undefined
}

/** What somebody changed about a rule. */
export const RuleEdit = z.object({
  settings: RuleSettings.partial(),
  by: z.string(),
  at: z.number(),
})
export type RuleEdit = z.output<typeof RuleEdit>

export interface Now {
  readonly active: ReadonlyMap<string, AlertRecord>
  /** By place; those whose time is over too, until they are swept. */
  readonly silences: ReadonlyMap<string, Silence & { version: number }>
  readonly edits: ReadonlyMap<RuleId, RuleEdit & { version: number }>
  /** When alerts were looked at last. */
  readonly checkedAt: number | undefined
}

export const createAlertStore = (kernel: Kernel) => {
  const { redis, clock } = kernel
  const key = (part: string): string => kernel.key('alerts', part)
  const [active, revision, history, ended, silences, rules, checked] = ['active', 'revision', 'history', 'ended', 'silences', 'rules', 'checked'].map(key) as [string, string, string, string, string, string, string] // prettier-ignore
  const readAlert = versioned(kernel, 'alert', AlertDraft)
  const readSilence = versioned(kernel, 'silence', Silence)
  const readEdit = versioned(kernel, 'alert rule', RuleEdit)
  const each = <Value>(hash: Record<string, string>, read: (id: string, text: string) => Value | undefined) =>
    new Map(
      Object.entries(hash).flatMap(([id, text]) => {
        const value = read(id, text)
        return value === undefined ? [] : [[id, value] as const]
      }),
    )
  const endedOf = async (ids: readonly string[]): Promise<AlertRecord[]> => {
    const texts = ids.length === 0 ? [] : await redis.hmget(history, ...ids)
    return texts.flatMap((text, n) => (text === null ? [] : (readAlert(ids[n] ?? '', text) ?? [])))
  }
  const editsIn = (hash: Record<string, string>): Now['edits'] =>
    new Map([...each(hash, readEdit)].filter((entry): entry is [RuleId, RuleEdit & { version: number }] => RuleId.safeParse(entry[0]).success)) // prettier-ignore
  return {
    async now(): Promise<Now> {
      const answers = await redis.pipeline().hgetall(active).hgetall(silences).hgetall(rules).get(checked).exec()
      const [alerts, silent, edits, at] = (answers ?? []).map(([error, answer]) => {
        if (error) throw error
        return answer
      }) as [Record<string, string>, Record<string, string>, Record<string, string>, string | null]
      return {
        active: each(alerts, readAlert),
        silences: each(silent, readSilence),
        edits: editsIn(edits),
        checkedAt: at === null ? undefined : Number(at),
      }
    },
    /** Those that ended since, newest first, at most so many. */
    async endedSince(since: number, count = ENDED_MAX): Promise<AlertRecord[]> {
      return endedOf(await redis.zrange(ended, '+inf', since, 'BYSCORE', 'REV', 'LIMIT', 0, count))
    },
    async endedOne(id: string): Promise<AlertRecord | undefined> {
      return (await endedOf([id]))[0]
    },
    /** Makes changes, each if its alert is still as it was read, and tells them. Answers their new versions: 0 where somebody was
     *  faster, -1 where there is no room. `checkedAt`: all alerts were looked at. */
    async settle(changes: readonly Change[], checkedAt?: number): Promise<number[]> {
      const args = changes.flatMap(({ place, read, next, ended: over, fact }) => [
        ...[place, read, next === undefined ? '' : JSON.stringify(next)],
        ...(over === undefined ? ['', '', ''] : [over.id, JSON.stringify(over), over.resolvedAt ?? 0]),
        ...(fact === undefined ? ['', ''] : [factHead(fact.kind.name, fact.at), JSON.stringify(fact.data)]),
      ])
      const keys = [active, revision, history, ended, eventLogKey(kernel), checked]
      const bounds = [ACTIVE_MAX, ENDED_MAX, clock.now() - ENDED_MS, checkedAt ?? '']
      return (await settleScript(redis, keys, [...bounds, ...args])) as number[]
    },
    /** Writes a silence, or removes it, and tells that. */
    async silence(place: string, silence: Silence | undefined, fact: Fact): Promise<void> {
      const text = silence === undefined ? '' : JSON.stringify(silence)
      const told = [factHead(fact.kind.name, fact.at), JSON.stringify(fact.data)]
      await saveScript(redis, [silences, revision, eventLogKey(kernel)], [place, '', text, '', ...told])
    },
    /** Forgets those of the silences whose time is over, unless somebody made them anew since they were read. */
    async sweep(read: Now['silences'], at: number): Promise<void> {
      const over = [...read].filter(([, { until }]) => until <= at)
      if (over.length > 0)
        await sweepScript(
          redis,
          [silences],
          over.flatMap(([place, { version }]) => [place, version]),
        )
    },
    /** Writes what was changed about a rule if it is still as it was read (0: nothing was), and tells that. Undefined when somebody
     *  was faster. */
    async saveEdit(rule: RuleId, read: number, edit: RuleEdit, fact: Fact): Promise<number | undefined> {
      const text = JSON.stringify(edit)
      const told = [factHead(fact.kind.name, fact.at), JSON.stringify(fact.data)]
      const keys = [rules, revision, eventLogKey(kernel)]
      const version = Number(await saveScript(redis, keys, [rule, read, text, 'version', ...told]))
      return version === 0 ? undefined : version
    },
  }
}
export type AlertStore = ReturnType<typeof createAlertStore>
