// Somebody who looks at the dashboard: the stream of every state it shows, and what its pages ask for, page after page.
import { rest } from './until.ts'
import { startListener } from './listener.ts'
import type { ApiClient } from './api-client.ts'

/** What pages keep up to date by the stream. */
const TOPICS = ['overview', 'queues', 'spans', 'breakers', 'operations', 'webhooks'].map((name) => `state:${name}`)

/** What pages ask for as they open, of a queue. */
const pathsOf = (queue: string): string[] => [
  '/stats/overview',
  '/stats/timeseries?metric=dlq',
  '/queues',
  `/queues/${queue}`,
  '/jobs?limit=100',
  `/jobs?queue=${queue}&state=waiting&limit=100`,
  `/jobs?queue=${queue}&q=mailbox`,
  '/error-recovery/dlq/entries?limit=100',
  `/error-recovery/dlq/entries?queue=${queue}&q=mailbox`,
  '/error-recovery/dlq/groups',
  '/metrics/dlq',
  '/metrics/retry',
  '/timeline/spans',
  '/operations',
  '/workers',
]

export interface Viewer {
  /** Answers how many pages were shown, and what was asked for in vain. */
  stop(): Promise<{ shown: number; failures: string[] }>
}

export const startViewer = async (client: ApiClient, key: string, queue: string): Promise<Viewer> => {
  const stream = await startListener(() => client.url, key, [...TOPICS, 'dlq:*', 'job:*'])
  const found = { shown: 0, failures: [] as string[] }
  let isOver = false
  const look = async (path: string): Promise<void> => {
    const { status, body } = await client.call('GET', `/api/v2${path}`)
    if (status === 200) found.shown++
    else found.failures.push(`${path}: ${status} ${JSON.stringify(body['code'])}`)
  }
  const view = async (): Promise<void> => {
    while (!isOver)
      for (const path of pathsOf(queue)) {
        if (isOver) return
        await look(path)
        await rest(20)
      }
  }
  const viewing = view()
  return {
    async stop() {
      isOver = true
      await viewing
      await stream.stop()
      return found
    },
  }
}
