// All breakers, page by page: an answer holds no more than 200.
import type { Breaker } from '../../shared/breakers/contract.ts'

const PAGE_MAX = 200
/** Pages that are fetched at most: a thousand breakers, as many as a list can be read of. */
const PAGES_MAX = 5

interface Answer {
  data: readonly Breaker[]
  page: { next_cursor: string | null }
}

/** Asks for page after page. */
export const allBreakers = async (
  ask: (query: { limit: number; cursor?: string }) => Promise<Answer>,
): Promise<Breaker[]> => {
  const found: Breaker[] = []
  let cursor: string | null = null
  for (let pages = 0; pages < PAGES_MAX && (pages === 0 || cursor !== null); pages++) {
    const answer: Answer = await ask({ limit: PAGE_MAX, ...(cursor !== null && { cursor }) })
    found.push(...answer.data)
    cursor = answer.page.next_cursor
  }
  return found
}

export const byService = (list: readonly Breaker[]): Map<string, Breaker> =>
  new Map(list.map((breaker) => [breaker.service, breaker]))
