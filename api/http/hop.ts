// X-K1n-Hop: how often what a request tells of went through k1n before. Who passes it on makes loops end.
import type { IncomingMessage } from 'node:http'
import { InvalidHeader } from '../../shared/kernel/problems.ts'

/** 0 where nothing is said. Problem: `invalid-header`. */
export const hopOf = ({ headers }: Pick<IncomingMessage, 'headers'>): number => {
  const text = headers['x-k1n-hop']
  if (text === undefined) return 0
  if (typeof text !== 'string' || !/^\d{1,3}$/.test(text)) throw malformed()
  return Number(text)
}

const malformed = () => {
  const detail = 'must be a whole number'
  return InvalidHeader(`X-K1n-Hop ${detail}.`, {
    errors: [{ parameter: 'X-K1n-Hop', in: 'header', code: 'invalid_format', detail }],
  })
}
