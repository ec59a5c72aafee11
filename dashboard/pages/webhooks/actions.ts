// What can be done with an endpoint: the words of each, and the call that does it.
import type { Webhook } from '../../../shared/webhooks/contract.ts'
import type { api as client } from '../../data/api.ts'
import { ifMatch } from '../../data/edit.svelte.ts'

export type Switch = 'pause' | 'enable'

export const switchFor = ({ enabled }: Pick<Webhook, 'enabled'>): Switch => (enabled ? 'pause' : 'enable')

export const switchWords: Record<Switch, { label: string; doing: string; done: string }> = {
  pause: { label: 'Pause', doing: 'Pausing', done: 'Paused' },
  enable: { label: 'Enable', doing: 'Enabling', done: 'Enabled' },
}

export const flip = (api: typeof client, { id, enabled, version }: Webhook): Promise<Webhook> =>
  api.webhooks.edit({ params: { webhook_id: id }, body: { enabled: !enabled }, headers: ifMatch(version) })
