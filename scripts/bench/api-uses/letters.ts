// Uses of dead letters and their groups.
import { get, patch, post, remove } from './use.ts'
import type { Made, Reply, Use } from './use.ts'

const dlq = '/error-recovery/dlq'
const dead = (made: Made): string => made['dead'] ?? ''
const nextDead = (page: string, at: string): Use =>
  get(
    'listDeadLetters',
    () => `${dlq}/entries?queue=inbox&limit=25${page}`,
    ({ data }: Reply, made) => {
      const letters = data as { id: string; task_id: string }[]
      const letter = letters[Number(made[at]) % letters.length]
      Object.assign(made, { dead: encodeURIComponent(letter?.id ?? ''), deadJob: letter?.task_id })
    },
  )
export const letters: readonly Use[] = [
  nextDead('', 'client'),
  get('getDeadLetter', (made) => `${dlq}/entries/${dead(made)}`),
  patch(
    'updateDeadLetter',
    (made) => `${dlq}/entries/${dead(made)}`,
    () => ({ note: 'seen' }),
  ),
  get('getRetryState', ({ deadJob = '' }) => `/error-recovery/retry/${deadJob}`),
  post('retryTask', ({ deadJob = '' }) => `/error-recovery/retry/${deadJob}/retry`),
  nextDead('&error_name=SmtpError', 'client'),
  post('retryJob', ({ deadJob = '' }) => `/jobs/${deadJob}/retry`),
  nextDead('&q=of', 'client'),
  post(
    'resubmitDeadLetter',
    (made) => `${dlq}/${dead(made)}/resubmit`,
    () => ({}),
  ),
  nextDead('', 'client'),
  remove('discardDeadLetter', (made) => `${dlq}/entries/${dead(made)}`),
  post('restoreDeadLetter', (made) => `${dlq}/entries/${dead(made)}/restore`),
  post(
    'resubmitDeadLetters',
    () => `${dlq}/resubmit`,
    () => ({ filter: { queue: ['inbox'] }, limit: 50, dry_run: true }),
  ),
  post(
    'discardDeadLetters',
    () => `${dlq}/purge`,
    () => ({ filter: { queue: ['inbox'] }, limit: 50, dry_run: true }),
  ),
  get(
    'listDlqGroups',
    () => `${dlq}/groups?limit=50`,
    ({ data }: Reply, made) => {
      const all = data as { id: string }[]
      Object.assign(made, {
        group: all[Number(made['client']) % all.length]?.id,
        other: all[(Number(made['client']) + 20) % all.length]?.id,
      })
    },
  ),
  get('getDlqGroup', ({ group = '' }) => `${dlq}/groups/${group}`),
  patch(
    'updateDlqGroup',
    ({ group = '' }) => `${dlq}/groups/${group}`,
    () => ({ note: 'known' }),
  ),
  post(
    'updateDlqGroups',
    () => `${dlq}/groups/actions/update`,
    ({ group = '' }) => ({ group_ids: [group], assignee: 'ada' }),
  ),
  post(
    'mergeDlqGroup',
    ({ group = '' }) => `${dlq}/groups/${group}/merge`,
    ({ other = '' }) => ({ into: other }),
  ),
  post(
    'splitDlqGroup',
    ({ other = '' }) => `${dlq}/groups/${other}/split`,
    ({ group = '' }) => ({ fingerprint: [group] }),
  ),
  get('getDlqMetrics', () => '/metrics/dlq'),
]
