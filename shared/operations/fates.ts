// How the items of an operation fare by now, whether anything watches them or not.
import type { AnyItemsKind, AnyOperationKind, Fate, Work } from './kind.ts'
import { isOver, processedOf } from './record.ts'
import type { OperationRecord } from './record.ts'
import { SLICES_KEPT } from './store.ts'
import type { OperationStore } from './store.ts'
import type { OperationFates } from './words.ts'

type Fates = NonNullable<OperationFates['fates']>

/** Items that one call looks at, and those that fare badly it tells by name. */
const LOOK = 500
const TOLD = 20

export const lookAtFates = async (
  store: OperationStore,
  kinds: readonly AnyOperationKind[],
  record: OperationRecord,
): Promise<OperationFates> => {
  const kind = kinds.find(({ name }) => name === record.kind) as AnyItemsKind | undefined
  const { id: operation_id } = record
  if (record.follows !== true || kind?.follow === undefined) return { operation_id, fates: null }
  const { follow } = kind
  const slices = await store.slices(record.id)
  if (slices.length === 0 && isOver(record)) return { operation_id, fates: null }
  const items = spread(await goneThrough(store, record, slices), LOOK)
  const found = items.length === 0 ? [] : await follow.fates(items, workOf(record))
  const fates = found.map((fate) => NAMES[fate])
  const badly = items.flatMap((item, index) => {
    const fate = fates[index]
    return isBad(fate) ? [{ item: kind.nameOf(item), task_id: follow.livesAs(item, record.params), fate }] : []
  })
  const looked = { looked: items.length, of: processedOf(record) }
  return { operation_id, fates: { ...looked, ...tally(fates), badly: badly.slice(0, TOLD) } }
}

/** So many of a list as there may be, each from the middle of its part. */
const spread = <Item>(list: readonly Item[], most: number): readonly Item[] =>
  list.length <= most
    ? list
    : Array.from({ length: most }, (_, n) => list[Math.floor(((n + 0.5) * list.length) / most)] as Item)

/** Items it went through, of some slices where there are many. */
const goneThrough = async (
  store: OperationStore,
  { id, chunk, offset }: OperationRecord,
  slices: readonly number[],
): Promise<unknown[]> => {
  const begun = slices.filter((slice) => slice < chunk || (slice === chunk && offset > 0))
  const read = spread(begun, SLICES_KEPT).map(async (slice) => {
    const items = await store.items(id, slice)
    return slice === chunk ? items.slice(0, offset) : items
  })
  return (await Promise.all(read)).flat()
}

const workOf = (record: OperationRecord): Work<unknown> => ({
  ...{ id: record.id, params: record.params, asker: record.asker, createdAt: record.createdAt, undoes: null },
  signal: new AbortController().signal,
  failed: () => record.failed,
})

const NAMES = {
  good: 'came_through',
  bad: 'failed_again',
  otherwise: 'failed_otherwise',
  failing: 'failing',
  pending: 'pending',
  cancelled: 'cancelled',
  gone: 'gone',
  none: 'left',
} as const satisfies Record<Fate, keyof Fates>

type Name = (typeof NAMES)[Fate]
type Bad = Fates['badly'][number]['fate']

const isBad = (name: Name | undefined): name is Bad =>
  name === 'failed_again' || name === 'failed_otherwise' || name === 'failing'

const tally = (names: readonly Name[]): Record<Name, number> => {
  const counts = {
    came_through: 0,
    failed_again: 0,
    failed_otherwise: 0,
    failing: 0,
    pending: 0,
    cancelled: 0,
    gone: 0,
    left: 0,
  }
  for (const name of names) counts[name]++
  return counts
}
