// Every route with an address at which there is something to see.
import { routes } from '../../dashboard/routes.ts'
import type { AskingRouteName } from '../../dashboard/routes.ts'
import { HELD_SERVICE } from './browser.ts'
import type { furnish } from './browser.ts'

/** The addresses of all routes by their names, filled with what `furnish` made. */
export const pathsOf = (there: Awaited<ReturnType<typeof furnish>>): Record<string, string> => {
  const { dead, dlqId, group, operation, schedule, event, source, webhook, delivery, key } = there
  const asking: Record<AskingRouteName, string> = {
    alertRule: '/alerts/rules/no_worker',
    job: `/jobs/${dead}`,
    jobOfQueue: `/queues/mail/jobs/${dead.slice(5)}`,
    queue: '/queues/mail',
    breaker: `/breakers/${HELD_SERVICE}`,
    service: `/services/${HELD_SERVICE}`,
    deadLetter: `/dlq/entries/${encodeURIComponent(dlqId)}`,
    deadLetterGroup: `/dlq/${group}`,
    operation: `/operations/${operation}`,
    event: `/events/${event}`,
    eventSource: `/events/sources/${source}`,
    webhook: `/webhooks/${webhook}`,
    webhookEdit: `/webhooks/${webhook}/edit`,
    delivery: `/webhooks/${webhook}/deliveries/${delivery}`,
    schedule: `/schedules/${schedule}`,
    scheduleEdit: `/schedules/${schedule}/edit`,
    key: `/keys/${key}`,
    settingsSection: '/settings/shortcuts',
  }
  const filled: Partial<Record<string, string>> = asking
  return Object.fromEntries(Object.entries(routes).map(([name, { path }]) => [name, filled[name] ?? path]))
}
