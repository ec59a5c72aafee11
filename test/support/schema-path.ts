// Where a value can have members, as its JSON Schema says.
import type { z } from 'zod'

type Schema = z.core.JSONSchema.BaseSchema

const CHOICES = ['anyOf', 'oneOf'] as const
const SCALARS = new Set<unknown>(['string', 'number', 'integer', 'boolean', 'null'])

/** Whether a value of this schema can have something at a path: members by name, items by number. What may be anything can.
 *  References are those that zod makes: to `$defs` of the whole, or to the whole. */
export const hasPath = (whole: Schema, path: readonly string[]): boolean => has(whole, whole, path)

const has = (whole: Schema, at: Schema, path: readonly string[]): boolean => {
  const [first, ...rest] = path
  if (first === undefined) return true
  if (at.$ref !== undefined) return has(whole, meantBy(whole, at.$ref), path)
  const choices = CHOICES.flatMap((word) => at[word] ?? [])
  if (choices.length > 0) return choices.some((choice) => canHave(whole, choice, path))
  if (at.allOf !== undefined) return at.allOf.some((part) => canHave(whole, part, path))
  const next = memberOf(at, first)
  return typeof next === 'object' ? has(whole, next, rest) : next
}

const canHave = (whole: Schema, at: Schema | boolean, path: readonly string[]): boolean =>
  typeof at === 'object' ? has(whole, at, path) : at

const meantBy = (whole: Schema, ref: string): Schema => {
  const meant = ref === '#' ? whole : whole.$defs?.[ref.replace('#/$defs/', '')]
  if (meant === undefined) throw new Error(`there is no ${ref} in the schema`)
  return meant
}

/** The schema of a member or an item; whether there may be one where nothing says its schema. */
const memberOf = (at: Schema, name: string): Schema | boolean => {
  if (SCALARS.has(at.type) || [at.not, at.enum, at.const].some((word) => word !== undefined)) return false
  if (at.type === 'array') return itemOf(at, name)
  const { properties: members } = at
  if (members !== undefined && Object.hasOwn(members, name)) return members[name] as Schema | boolean
  return at.additionalProperties ?? members === undefined
}

const itemOf = ({ prefixItems = [], items }: Schema, name: string): Schema | boolean => {
  if (!/^\d+$/.test(name)) return false
  return ((prefixItems as Schema[])[Number(name)] ?? items ?? prefixItems.length === 0) as Schema | boolean
}
