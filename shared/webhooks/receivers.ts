// Calls to the endpoints of webhooks: guarded more closely than those of jobs, as strangers may register them.
import type { Settings } from '../kernel/config.ts'
import { createOutbound, ownHostsOf } from '../outbound/outbound.ts'
import type { Outbound, OutboundOptions } from '../outbound/outbound.ts'

/** Judges and calls endpoints as the settings say: https and names only, on few ports, never our own doors; in the ranges that an
 *  operator opened also by http, by address and on any port. */
export const createReceivers = (settings: Settings, more: OutboundOptions = {}): Outbound =>
  createOutbound({
    allowCidrs: settings.K1N_WEBHOOK_ALLOW_CIDRS,
    ports: settings.K1N_WEBHOOK_PORTS,
    strict: settings.K1N_WEBHOOK_ALLOW_HTTP === 'on' ? 'but_http' : true,
    ownHosts: ownHostsOf(settings),
    ...more,
  })
