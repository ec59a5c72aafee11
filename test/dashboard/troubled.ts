// A k1n with dead letters of two causes, for browser tests about emptying them.
import { until } from '../support/stack.ts'
import { openSite } from './browser.ts'
import type { Site } from './browser.ts'

/** What makes a job of the demo die at once; nothing its handlers do for it is charged to a breaker that other jobs need. */
export const bad = { takes_ms: 5, fails_until: 50, fails_as: 'permanent' }

type Group = Awaited<ReturnType<Site['stack']['client']['triage']['list']>>['data'][number]

export interface Troubled extends Site {
  /** The group whose title has these words, once it is as it should be. */
  groupWith(title: string, is?: (group: Group) => boolean): Promise<Group>
}

/** Fourteen recordings that the encoder refused and four charges that the card issuer did. */
export const openTroubled = async (): Promise<Troubled> => {
  const site = await openSite()
  const groupWith: Troubled['groupWith'] = async (title, is = () => true) => {
    const found = await until(
      async () => (await site.stack.client.triage.list()).data.find((group) => group.title.includes(title)),
      (group) => group !== undefined && is(group),
    )
    return found as Group
  }
  const recordings = Array.from({ length: 14 }, (_, n) => ({ name: 'demo.encode', data: { ...bad, recording: `r-${n}`, steps: 1 } })) // prettier-ignore
  const charges = Array.from({ length: 4 }, (_, n) => ({ name: 'demo.charge', data: { ...bad, customer: `c-${n}`, amount_cents: n } })) // prettier-ignore
  await site.stack.client.jobs.createMany({ body: { jobs: [...recordings, ...charges] } })
  await groupWith('the card issuer', ({ open }) => open === 4)
  await groupWith('the encoder', ({ open }) => open === 14)
  return { ...site, groupWith }
}
