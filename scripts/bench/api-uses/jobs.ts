// Uses of jobs and queues.
import { payloadOf } from '../catalog.ts'
import { get, patch, post, remove } from './use.ts'
import type { Reply, Use } from './use.ts'

const later = (): Use =>
  post(
    'createJob',
    () => '/jobs',
    ({ n = '' }) => ({ ...job(n), options: { delay_ms: 600_000 } }),
    ({ id }: Reply, made) => (made['job'] = id as string),
  )

const job = (n: string) => ({ name: 'noop', data: payloadOf(Number(n)) })

export const jobs: readonly Use[] = [
  post(
    'createJob',
    () => '/jobs',
    ({ n = '' }) => job(n),
  ),
  post(
    'createJob',
    () => '/jobs',
    ({ n = '' }) => ({ ...job(n), options: { delay_ms: 600_000 }, tags: ['later'] }),
    ({ id }: Reply, made) => (made['job'] = id as string),
  ),
  post(
    'createJobs',
    () => '/jobs/bulk',
    ({ n = '' }) => ({ jobs: Array.from({ length: 20 }, () => job(n)) }),
  ),
  get('listJobs', () => '/jobs?limit=50'),
  get('listJobs', () => '/jobs?state=waiting&queue=backlog&limit=50'),
  ...(
    [
      ['getJob', ''],
      ['listAttempts', '/attempts'],
      ['listJobLogs', '/logs'],
      ['getJobResult', '/result'],
      ['getJobTree', '/tree'],
      ['explainJob', '/explain'],
    ] as const
  ).map(([id, end]) => get(id, ({ job = '' }) => `/jobs/${job}${end}`)),
  post('promoteJob', ({ job = '' }) => `/jobs/${job}/promote`),
  later(),
  post(
    'cancelJob',
    ({ job = '' }) => `/jobs/${job}/cancel`,
    () => ({ reason: 'of no use any more' }),
  ),
  later(),
  patch(
    'changeJob',
    ({ job = '' }) => `/jobs/${job}`,
    () => ({ priority: 'high' }),
  ),
  post(
    'cloneJob',
    ({ job = '' }) => `/jobs/${job}/clone`,
    () => ({}),
  ),
  post(
    'skipJob',
    ({ job = '' }) => `/jobs/${job}/skip`,
    () => ({}),
  ),
  later(),
  remove('deleteJob', ({ job = '' }) => `/jobs/${job}`),
  post(
    'searchJobs',
    () => '/jobs/search',
    () => ({
      where: {
        and: [
          { field: 'state', op: 'in', value: ['waiting'] },
          { field: 'text', op: 'contains', value: 'old-1' },
        ],
      },
    }),
  ),
  post(
    'performBatch',
    () => '/batch/operations',
    ({ n = '' }) => ({
      operations: Array.from({ length: 20 }, () => ({ op: 'trigger', event: 'bench.heard', data: { n } })),
    }),
  ),
  ...(['cancel', 'retry', 'promote', 'delete', 'skip'] as const).map((verb) =>
    post(
      `${verb}Jobs`,
      () => `/jobs/actions/${verb}`,
      () => ({ filter: { queue: ['aside-0'] }, limit: 10, dry_run: true }),
    ),
  ),
]

export const queues: readonly Use[] = [
  get('listQueues', () => '/queues'),
  get('getQueue', () => '/queues/bench'),
  post(
    'pauseQueue',
    ({ client = '' }) => `/queues/aside-${client}/pause`,
    () => ({ reason: 'a look at it' }),
  ),
  patch(
    'updateQueue',
    ({ client = '' }) => `/queues/aside-${client}`,
    () => ({ global_concurrency: 5, depth_limit: 10_000 }),
  ),
  ...(
    [
      ['drainQueue', 'drain'],
      ['retryAllJobs', 'retry-all'],
      ['promoteAllJobs', 'promote-all'],
    ] as const
  ).map(([id, verb]) =>
    post(
      id,
      ({ client = '' }) => `/queues/aside-${client}/${verb}`,
      () => ({}),
    ),
  ),
  post(
    'cleanQueue',
    ({ client = '' }) => `/queues/aside-${client}/clean`,
    () => ({ state: 'completed' }),
  ),
  get(
    'listWorkers',
    () => '/workers',
    ({ data }: Reply, made) => (made['worker'] = (data as { id: string }[])[0]?.id ?? ''),
  ),
  get('getWorker', ({ worker = '' }) => `/workers/${worker}`),
  post('resumeQueue', ({ client = '' }) => `/queues/aside-${client}/resume`),
]
