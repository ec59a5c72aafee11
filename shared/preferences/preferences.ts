// How somebody likes the dashboard. Each preference is a field of its own, so that two tabs which change two of them lose neither.
import type { Principal } from '../auth/contract.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { Preferences } from './contract.ts'
import type { PreferencesPatch } from './contract.ts'
import { firstPreferences } from './first-words.ts'

/** They are forgotten so long after the last change, in ms: keys come and go. */
export const KEPT_MS = 365 * 86_400_000

export interface PreferencesRoom {
  /** All preferences of somebody; what they never set is as at first. */
  show(principal: Principal): Promise<Preferences>
  /** Changes the members that are given; null puts one back as it was at first. */
  edit(principal: Principal, patch: PreferencesPatch): Promise<Preferences>
}

export const createPreferences = (kernel: Kernel): PreferencesRoom => {
  const { redis } = kernel
  /** A session has the id of the key it was opened with. */
  const place = ({ id }: Principal): string => kernel.key('preferences', id)
  const show = async (principal: Principal): Promise<Preferences> => readable(await redis.hgetall(place(principal)))
  const edit = async (principal: Principal, patch: PreferencesPatch): Promise<Preferences> => {
    const key = place(principal)
    const given = Object.entries(patch).filter(([, value]) => value !== undefined)
    const unset = given.filter(([, value]) => value === null).map(([name]) => name)
    const set = given.filter(([, value]) => value !== null).flatMap(([name, value]) => [name, JSON.stringify(value)])
    if (given.length > 0) {
      const writes = redis.multi()
      if (unset.length > 0) writes.hdel(key, ...unset)
      if (set.length > 0) writes.hset(key, ...set)
      await writes.pexpire(key, KEPT_MS).exec()
    }
    return show(principal)
  }
  return {
    show: (principal) => guardRedis(show(principal), 'read'),
    edit: (principal, patch) => guardRedis(edit(principal, patch)),
  }
}

/** What this version of k1n can read; another one may have written more, or otherwise. */
const readable = (fields: Record<string, string>): Preferences => {
  const read = Object.entries(Preferences.shape).flatMap(([name, schema]) => {
    const { data } = schema.safeParse(jsonOf(fields[name]))
    return data === undefined || data === null ? [] : [[name, data] as const]
  })
  return { ...firstPreferences(), ...(Object.fromEntries(read) as Partial<Preferences>) }
}

const jsonOf = (text: string | undefined): unknown => {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}
