// What changed within a row, for whoever knows the row as it was: a row of which one number changes each second is not told whole.

/** `is` takes the place of what was there; a record in it is put into what was there, field by field. */
type Difference = { is: unknown } | 'none' | 'whole'
type Fields = Record<string, unknown>

const isRecord = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The fields of `after` that differ; `whole` where one of them cannot be told apart. */
const fieldsOf = (before: object, after: object): Difference => {
  const changed: Fields = {}
  for (const [key, value] of Object.entries(after)) {
    // Put into a row it would be no field of it.
    if (key === '__proto__') return 'whole'
    const difference = differenceOf((before as Fields)[key], value)
    if (difference === 'whole') return 'whole'
    if (difference !== 'none') changed[key] = difference.is
  }
  return Object.keys(changed).length === 0 ? 'none' : { is: changed }
}

const differenceOf = (before: unknown, after: unknown): Difference => {
  if (Object.is(before, after)) return 'none'
  // JSON has no word for what is not there.
  if (after === undefined) return 'whole'
  if (Array.isArray(after)) {
    if (!Array.isArray(before) || before.length !== after.length) return { is: after }
    const items = fieldsOf(before, after)
    return items === 'whole' ? { is: after } : items
  }
  if (!isRecord(after)) return { is: after }
  // A record is put into what is there: one that takes the place of something else, or has lost a field, cannot be told so.
  if (!isRecord(before) || Object.keys(before).some((key) => !Object.hasOwn(after, key))) return 'whole'
  return fieldsOf(before, after)
}

/** What has to be put into `before` so that it is `after`: fields of fields, items of lists by their number. Undefined when they are
 *  the same, `whole` when only the whole row can tell. */
export const patchOf = (before: unknown, after: unknown): Fields | 'whole' | undefined => {
  if (!isRecord(before) || !isRecord(after)) return 'whole'
  const difference = differenceOf(before, after)
  if (difference === 'none') return undefined
  return difference === 'whole' ? 'whole' : (difference.is as Fields)
}
