// One page of API keys, newest first: ids hold their time, so their order is the order of making.
import { cursorSecret } from '../kernel/cursor-secret.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { decodeCursor, encodeCursor } from '../kernel/page.ts'
import type { Page } from '../kernel/page.ts'
import { apiKeyOf } from './key-record.ts'
import type { KeyRecord } from './key-record.ts'
import type { KeyUses } from './key-uses.ts'
import type { ApiKey } from './contract.ts'

interface Places {
  index: string
  uses: { all: KeyUses; v1: KeyUses }
  load: (digest: string) => Promise<KeyRecord | undefined>
}

export const listKeys = async (
  kernel: Kernel,
  { index, uses, load }: Places,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<Page<ApiKey>> => {
  const secret = cursorSecret(kernel)
  const after = cursor === undefined ? undefined : decodeCursor<string>(secret, cursor, 'keys')
  const digests = await kernel.redis.hgetall(index)
  const ids = Object.keys(digests).sort().reverse()
  const rest = after === undefined ? ids : ids.filter((id) => id < after)
  const page = rest.slice(0, limit)
  const records = await Promise.all(page.map((id) => load(digests[id] ?? '')))
  const [times, v1Times] = await Promise.all([uses.all.of(page), uses.v1.of(page)])
  const last = page.at(-1)
  const more = rest.length > page.length && last !== undefined
  return {
    data: records.flatMap((record, i) =>
      record ? [apiKeyOf(record, { usedAt: times[i], v1UsedAt: v1Times[i] })] : [],
    ),
    page: { limit, has_more: more, next_cursor: more ? encodeCursor(secret, last, 'keys') : null, prev_cursor: null },
  }
}
