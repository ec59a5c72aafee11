// Uses of the timeline: what ran, what happened beside it, and what people noted.
import { get, post, remove } from './use.ts'
import type { Reply, Use } from './use.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

const last = (ms: number): string => {
  const now = Date.now()
  return `from=${new Date(now - ms).toISOString()}&to=${new Date(now).toISOString()}`
}

export const timeline: readonly Use[] = [
  get('listSpans', () => `/timeline/spans?${last(MINUTE_MS)}`),
  get('listCells', () => `/timeline/cells?${last(HOUR_MS)}`),
  get('listMarks', () => `/timeline/marks?${last(HOUR_MS)}`),
  get('listChanges', () => `/changes?since=${new Date(Date.now() - HOUR_MS).toISOString()}`),
  post(
    'createAnnotation',
    () => '/annotations',
    ({ n = '' }) => ({ text: `deployed ${n}` }),
    ({ id }: Reply, made) => (made['annotation'] = id as string),
  ),
  get('listAnnotations', () => `/annotations?${last(HOUR_MS)}`),
  remove('deleteAnnotation', ({ annotation = '' }) => `/annotations/${annotation}`),
]
