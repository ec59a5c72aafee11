// Uses of dead letters and their groups.
import { CLIENTS, get, patch, post, remove } from './use.ts'
import type { Made, Reply, Use } from './use.ts'

const dlq = '/error-recovery/dlq'
const dead = (made: Made): string => made['dead'] ?? ''
/** Lists the dead letters that are this client's, and takes the newest. */
const nextDead = (page = ''): Use =>
  get(
    'listDeadLetters',
    ({ diedFrom = '', diedTo = '' }) => `${dlq}/entries?queue=inbox&from=${diedFrom}&to=${diedTo}&limit=25${page}`,
    ({ data }: Reply, made) => {
      const [letter] = data as { id: string; task_id: string }[]
      Object.assign(made, { dead: encodeURIComponent(letter?.id ?? ''), deadJob: letter?.task_id })
    },
  )

/** Each client has two causes and a stretch of deaths of its own. */
export const inboxOf = (
  client: number,
  groups: readonly string[],
  { from, to }: { from: number; to: number },
): Made => {
  const at = (share: number): string => new Date(from + ((to - from) * share) / CLIENTS).toISOString()
  const [group = '', other = ''] = groups.slice(2 * client)
  return { group, other, diedFrom: at(client), diedTo: at(client + 1) }
}

export const letters: readonly Use[] = [
  nextDead(),
  get('getDeadLetter', (made) => `${dlq}/entries/${dead(made)}`),
  patch(
    'updateDeadLetter',
    (made) => `${dlq}/entries/${dead(made)}`,
    () => ({ note: 'seen' }),
  ),
  get('getRetryState', ({ deadJob = '' }) => `/error-recovery/retry/${deadJob}`),
  post('retryTask', ({ deadJob = '' }) => `/error-recovery/retry/${deadJob}/retry`),
  nextDead('&error_name=SmtpError'),
  post('retryJob', ({ deadJob = '' }) => `/jobs/${deadJob}/retry`),
  nextDead('&q=of'),
  post(
    'resubmitDeadLetter',
    (made) => `${dlq}/${dead(made)}/resubmit`,
    () => ({}),
  ),
  nextDead(),
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
  get('listDlqGroups', () => `${dlq}/groups?limit=50`),
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
