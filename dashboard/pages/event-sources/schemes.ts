// The ways deliveries are checked: how each is called, what it needs, and what to do at the service that sends them.
import type { Verify } from '../../../shared/inbound/words.ts'

export type Scheme = Verify['scheme']

interface SchemeWords {
  label: string
  /** Who uses it, in a sentence. */
  about: string
  /** Where the secret comes from; undefined where there is none. */
  secret?: string
  /** What to do over there, once the address is known. */
  steps: readonly string[]
  /** What its deliveries are told as unless something else is said. */
  tells: string
}

export const schemes: Record<Scheme, SchemeWords> = {
  standard_webhooks: {
    label: 'Standard Webhooks',
    about: 'Services that sign as Standard Webhooks says, such as Svix, OpenAI and k1n itself.',
    secret: 'whsec_… as the service shows it. Empty: one is made, to be given to the service.',
    steps: [
      'Give the service the address.',
      'Where it shows a secret, put that in here; where it asks for one, give it ours.',
    ],
    tells: 'webhook.received alone',
  },
  github: {
    label: 'GitHub',
    about: 'Webhooks of a repository or an organization.',
    secret: 'Any text. Empty: one is made, to be given to GitHub.',
    steps: [
      'In the repository open Settings, Webhooks, Add webhook.',
      'Payload URL: the address. Content type: application/json. Secret: the secret.',
      'Pick the events and save; GitHub sends a ping at once.',
    ],
    tells: 'github.push and the like, by the event',
  },
  stripe: {
    label: 'Stripe',
    about: 'Events of a Stripe account.',
    secret: 'The signing secret that Stripe shows, whsec_…. Empty: give it later, once Stripe knows the address.',
    steps: [
      'In the Workbench open Webhooks, Add destination.',
      'Endpoint URL: the address; pick the events.',
      'Reveal the signing secret and give it here: Rotate secret…',
    ],
    tells: 'stripe.invoice.paid and the like, by the type',
  },
  slack: {
    label: 'Slack',
    about: 'Events and commands of a Slack app.',
    secret: 'The Signing Secret of the app, under Basic Information.',
    steps: [
      'In the app open Event Subscriptions and turn them on.',
      'Request URL: the address. Slack asks it a question, which is answered by itself.',
      'Subscribe to events and save.',
    ],
    tells: 'slack.message and the like, by the type',
  },
  hmac: {
    label: 'HMAC-SHA256',
    about: 'Anything that sends an HMAC-SHA256 over the body in a header.',
    secret: 'Any text. Empty: one is made, to be given to the service.',
    steps: [
      'Give the service the address and the secret.',
      'Say below which header holds the signature, and how it is written.',
    ],
    tells: 'webhook.received alone',
  },
  shared_secret: {
    label: 'Shared secret',
    about: 'Anything that can send a fixed header. Whoever sees one request can send others: use it over https only.',
    secret: 'Any text. Empty: one is made, to be given to the service.',
    steps: ['Give the service the address.', 'Let it send the secret in the header that is named below.'],
    tells: 'webhook.received alone',
  },
  none: {
    label: 'Nothing',
    about: 'Whoever knows the address can send. Only for what does no harm.',
    steps: ['Give the service the address.'],
    tells: 'webhook.received alone',
  },
}

export const schemeNames = Object.keys(schemes) as Scheme[]
export const schemeWords = (scheme: Scheme): string => schemes[scheme].label
