// What no page of the dashboard calls, so that the first one does not carry it. Whoever is to call one takes it out of this list:
// without that there is no such function.
import type { K1nContract } from '../../shared/contract.ts'

export const UNCALLED = {
  jobs: ['createMany', 'result'],
  workers: ['show'],
  retries: ['show', 'retry'],
  services: ['replace'],
  schedules: ['put'],
  scheduleRuns: ['metrics'],
  events: ['publish', 'publishMany'],
  hooks: ['receive'],
  timeline: ['removeAnnotation'],
  metrics: ['prometheus'],
  imports: ['create'],
  auth: ['me'],
  alerts: ['rule', 'show'],
  system: ['live', 'ready', 'versionUse', 'versions'],
} as const satisfies { readonly [Room in keyof K1nContract]?: readonly (keyof K1nContract[Room])[] }
