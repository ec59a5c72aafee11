// Links to the portal of a subscriber in words: how long each holds, and what is asked of the API to make one.
import type { PortalLink, PortalLinkInput } from '../../../shared/auth/portal-contract.ts'
import { absolute, age, instant } from '../../ui/format.ts'

export const holds = [
  { value: '3600', label: 'an hour' },
  { value: '86400', label: 'a day' },
  { value: '259200', label: '3 days' },
  { value: '604800', label: '7 days' },
] as const
export type Hold = (typeof holds)[number]['value']

export interface NewLink {
  subscriber: string
  /** Globs, parted by spaces or commas. */
  queues: string
  hold: Hold
}

/** What is asked of the API for a form, and what is wrong with it. */
export const linkOf = ({
  subscriber,
  queues,
  hold,
}: NewLink): { body: Required<Pick<PortalLinkInput, 'subscriber' | 'queues' | 'expires_in_s'>>; error?: string } => ({
  body: {
    subscriber: subscriber.trim(),
    queues: queues.split(/[\s,]+/).filter((glob) => glob !== ''),
    expires_in_s: Number(hold),
  },
  ...(subscriber.trim() === '' && { error: 'Say whose webhooks it opens.' }),
})

type Standing = Pick<PortalLink, 'expires_at' | 'opened_at' | 'ends_at'>

/** `Not opened yet; can be until 12:04:00.`, `Opened 5 min ago; lets them in until 20:04:00.` */
export const standingWords = (
  { expires_at: expires, opened_at: opened, ends_at: ends }: Standing,
  now: number,
  zone?: string,
): string =>
  opened === null
    ? `Not opened yet; can be until ${absolute(instant(expires) ?? now, now, zone)}.`
    : `Opened ${age(Math.min(instant(opened) ?? now, now), now)}; lets them in until ${absolute(instant(ends) ?? now, now, zone)}.`

/** Those a form may offer: the subscribers that have endpoints, each once. */
export const subscribersIn = (webhooks: Iterable<{ subscriber: string | null }>): string[] =>
  [...new Set([...webhooks].flatMap(({ subscriber }) => subscriber ?? []))].sort()
