// What can be done with a breaker by hand, what that will do, and what it takes.
import type { Breaker } from '../../../shared/breakers/contract.ts'
import type { Api } from '../../data/api.ts'
import type { Session } from '../../data/session.ts'

export type Action = 'forceOpen' | 'forceClose' | 'disable' | 'auto' | 'reset'

export interface ActionWords {
  label: string
  /** The verb as a noun, for when it fails. */
  doing: string
  done: string
  /** What it will do, told before it is done. */
  effect: string
  scope: Session['scopes'][number]
  /** What is asked first: nothing; a reason if there is one; or a reason and for how long. */
  asks: 'nothing' | 'reason' | 'reason and time'
}

export const actionWords: Record<Action, ActionWords> = {
  forceOpen: {
    label: 'Force open…',
    doing: 'Forcing it open',
    done: 'Forced open',
    effect: 'No call goes through and jobs that need the service are parked, whatever happens, until it ends.',
    scope: 'breakers:admin',
    asks: 'reason and time',
  },
  forceClose: {
    label: 'Force closed…',
    doing: 'Forcing it closed',
    done: 'Forced closed',
    effect: 'All calls go through whatever happens, until it ends. Calls go on being counted.',
    scope: 'breakers:admin',
    asks: 'reason and time',
  },
  disable: {
    label: 'Switch off…',
    doing: 'Switching it off',
    done: 'Switched off',
    effect: 'All calls go through and nothing is counted, until it ends.',
    scope: 'breakers:admin',
    asks: 'reason and time',
  },
  auto: {
    label: 'Back to automatic',
    doing: 'Letting it decide again',
    done: 'Decides by itself again',
    effect: 'It decides by itself again; one that was forced open tries its service with a few probes first.',
    scope: 'breakers:admin',
    asks: 'nothing',
  },
  reset: {
    label: 'Reset…',
    doing: 'Resetting it',
    done: 'Reset',
    effect:
      'It closes at once and forgets what it counted. Queues that call only this service go on, slowly at first; jobs that were parked one by one come when each was told to. If the service still fails, it opens again.',
    scope: 'recovery:write',
    asks: 'reason',
  },
}

const possible: Record<Breaker['state'], readonly Action[]> = {
  closed: ['forceOpen', 'forceClose', 'disable', 'reset'],
  open: ['reset', 'forceClose', 'forceOpen', 'disable'],
  half_open: ['reset', 'forceClose', 'forceOpen', 'disable'],
  forced_open: ['auto', 'forceClose', 'disable', 'reset'],
  forced_closed: ['auto', 'forceOpen', 'disable', 'reset'],
  disabled: ['auto', 'forceOpen', 'forceClose', 'reset'],
}

/** What makes sense in this state, the likeliest first. */
export const actionsFor = ({ state }: Pick<Breaker, 'state'>): readonly Action[] => possible[state]

export const lengths = [
  { value: '900', label: '15 minutes' },
  { value: '3600', label: '1 hour' },
  { value: '14400', label: '4 hours' },
  { value: '86400', label: '1 day' },
  { value: '', label: 'Until somebody ends it' },
] as const
export type Length = (typeof lengths)[number]['value']

/** Carries an action out. A length of nothing lasts until somebody ends it. */
export const carryOut = (
  { breakers }: Pick<Api, 'breakers'>,
  action: Action,
  service: string,
  { reason, length }: { reason: string; length: Length },
): Promise<Breaker> => {
  const params = { service }
  if (action === 'auto' || action === 'reset')
    return breakers[action]({ params, body: reason === '' ? {} : { reason } })
  return breakers[action]({ params, body: { reason, ...(length !== '' && { ttl_s: Number(length) }) } })
}
