// Where one goes on from an alert: to what it is about.
import type { Alert } from '../../../shared/alerts/contract.ts'
import { linkTo } from '../../router.svelte.ts'

/** Where one goes on from an alert. */
export const subjectLink = ({ subject: { kind, id, label, queue }, rule_id }: Pick<Alert, 'subject' | 'rule_id'>): string => {
  switch (kind) {
    case 'service':
      return linkTo('breaker', { service: id })
    case 'schedule':
      return linkTo('schedule', { id })
    case 'webhook':
      return linkTo('webhook', { id })
    case 'job':
      return linkTo('jobs', {}, { q: `queue:${queue ?? ''} name:${label}` })
    case 'queue':
      return linkTo('jobs', {}, { q: `queue:${id}${rule_id.startsWith('failure_rate') ? ' state:failed' : ''}` })
  }
}
