// How long requests took, by route: counted where they end, in numbers only, as every request pays for it.
import type { Family, Sample } from '../../shared/metrics/exposition.ts'

/** Upper ends of the buckets, in seconds. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] as const

interface Series {
  method: string
  route: string
  status: number
  /** How many fell into each bucket alone; the last is for what took longer than all bounds. */
  counts: number[]
  seconds: number
}

export interface Requests {
  /** Counts one. `route` is its template, such as `/api/jobs/:task_id`; undefined where there is none. */
  note(method: string, route: string | undefined, status: number, ms: number): void
  families(): Family[]
}

export const createRequests = (): Requests => {
  const byKey = new Map<string, Series>()
  const make = (method: string, route: string, status: number): Series => ({
    method,
    route,
    status,
    counts: new Array<number>(BOUNDS.length + 1).fill(0),
    seconds: 0,
  })
  return {
    note(method, route = 'none', status, ms) {
      // Methods are as clients write them; all that no route takes are one.
      const known = route === 'none' ? 'any' : method
      const key = `${known} ${route} ${status}`
      let series = byKey.get(key)
      if (!series) byKey.set(key, (series = make(known, route, status)))
      const seconds = ms / 1_000
      const at = BOUNDS.findIndex((bound) => seconds <= bound)
      const place = at < 0 ? BOUNDS.length : at
      series.counts[place] = (series.counts[place] ?? 0) + 1
      series.seconds += seconds
    },
    families: () => [
      {
        name: 'k1n_http_request_duration_seconds',
        help: 'How long requests took this process, from arrival to the reply, by route and status.',
        type: 'histogram',
        samples: [...byKey.values()].flatMap(samplesOf),
      },
    ],
  }
}

const samplesOf = ({ method, route, status, counts, seconds }: Series): Sample[] => {
  const labels = { method, route, status: String(status) }
  let total = 0
  const buckets = counts.map((count, n): Sample => {
    total += count
    return { suffix: '_bucket', labels: { ...labels, le: String(BOUNDS[n] ?? '+Inf') }, value: total }
  })
  return [...buckets, { suffix: '_sum', labels, value: seconds }, { suffix: '_count', labels, value: total }]
}
