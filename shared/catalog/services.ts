// The services that jobs of this installation call, and what their calls are held to.
import { service, servicesOf } from '../services/declare.ts'

export const smtp = service({
  name: 'smtp.example',
  summary: 'Demo: the mail server that demo.mail pretends to use.',
  breaker: { window: { min_calls: 10 }, open_ms: 15_000 },
  budget: '1200/min',
})

export const payments = service({
  name: 'payments.example',
  summary: 'Demo: the payment provider that demo.charge pretends to use.',
  breaker: { consecutive_failures: 8 },
  concurrency: { max: 20 },
})

/** All of them, by name. What operators change stands over this, and a deploy does not undo it. */
export const services = servicesOf(smtp, payments)
