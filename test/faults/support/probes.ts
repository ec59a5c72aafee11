// Probes: ask the API the same question over and over, and write down what it answered and how long that took.
import type { ApiClient } from './api-client.ts'
import { rest } from './until.ts'

export interface Probe {
  path: string
  /** When the question was asked, in epoch ms. */
  at: number
  status: number
  code: string | undefined
  retryAfter: string | null
  ms: number
}

export interface Probes {
  /** Asks for a path every `everyMs`; slow answers do not hold up the next question. */
  watch(path: string, everyMs?: number): void
  of(path: string, between?: { from?: number; to?: number }): Probe[]
  stop(): void
}

export const createProbes = (api: ApiClient): Probes => {
  const probes: Probe[] = []
  let stopped = false
  const ask = async (path: string): Promise<void> => {
    const at = Date.now()
    const { status, ms, body, headers } = await api.call('GET', path)
    const code = typeof body['code'] === 'string' ? body['code'] : undefined
    if (!stopped) probes.push({ path, at, status, code, ms, retryAfter: headers.get('retry-after') })
  }
  const loop = async (path: string, everyMs: number): Promise<void> => {
    while (!stopped) {
      void ask(path)
      await rest(everyMs, undefined, { ref: false })
    }
  }
  return {
    watch: (path, everyMs = 100) => void loop(path, everyMs),
    of: (path, { from = 0, to = Infinity } = {}) =>
      probes.filter((probe) => probe.path === path && probe.at >= from && probe.at <= to),
    stop: () => void (stopped = true),
  }
}
