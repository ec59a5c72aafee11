// One page of API keys, newest first: ids hold their time, so their order is the order of making.
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import type { ApiKey } from './contract.ts'
import type { KeyStore } from './key-store.ts'

export const listKeys = async (
  kernel: Kernel,
  store: KeyStore,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ApiKey>> => {
  const secret = cursorSecret(kernel)
  const after = cursor === undefined ? undefined : decodeCursor<string>(secret, cursor, 'keys')
  const { ids, records } = await store.page(after, limit + 1)
  const page = ids.slice(0, limit)
  const last = page.at(-1)
  const more = ids.length > page.length && last !== undefined
  return {
    data: await store.shown(records.filter(({ id }) => page.includes(id))),
    page: { limit, has_more: more, next_cursor: more ? encodeCursor(secret, last, 'keys') : null, prev_cursor: null },
  }
}
