// Figures of this process, under the names that dashboards for Prometheus know.
import type { Family } from '../../shared/metrics/exposition.ts'
import { family } from '../../shared/metrics/exposition.ts'

export const processFamilies = (lagMs: number): Family[] => {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, heapTotal, external } = process.memoryUsage()
  const startedAt = Date.now() / 1_000 - process.uptime()
  return [
    family('counter', 'process_cpu_seconds_total', 'CPU time of this process.', (user + system) / 1e6),
    family('gauge', 'process_resident_memory_bytes', 'Memory of this process.', rss),
    family('gauge', 'process_start_time_seconds', 'When this process began, in Unix time.', startedAt),
    family('gauge', 'nodejs_heap_size_used_bytes', 'Used heap.', heapUsed),
    family('gauge', 'nodejs_heap_size_total_bytes', 'Heap.', heapTotal),
    family('gauge', 'nodejs_external_memory_bytes', 'Memory outside of the heap.', external),
    family('gauge', 'nodejs_eventloop_lag_seconds', 'How late the event loop was at the last look.', lagMs / 1_000),
    family('gauge', 'nodejs_version_info', 'The version of Node.', [
      { labels: { version: process.version }, value: 1 },
    ]),
  ]
}
