// Who may see what is not of one queue or another, but of all.
import { ResourceForbidden } from '../kernel/problems.ts'
import type { Principal } from './contract.ts'

/** Throws `resource-forbidden` unless the principal may see every queue: `what` tells of all of them and cannot be told in part. */
export const demandAllQueues = ({ queues }: Pick<Principal, 'queues'>, what: string): void => {
  if (!queues.includes('*'))
    throw ResourceForbidden(`${what} of all queues; the credential reaches ${queues.join(', ')}.`)
}
