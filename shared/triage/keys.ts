// Names of the keys of triage.
import type { Kernel } from '../kernel/kernel.ts'

/** A queue's entries by facet and time of death. */
export const entriesKey = (kernel: Kernel, queue: string): string => kernel.key('triage', 'entries', queue)
/** Field of a part → its JSON. */
export const partsKey = (kernel: Kernel): string => kernel.key('triage', 'parts')
/** Fingerprint, or `fingerprint@queue` → the group it was merged into. */
export const aliasesKey = (kernel: Kernel): string => kernel.key('triage', 'aliases')
/** Group → what people decided about it. */
export const decisionsKey = (kernel: Kernel): string => kernel.key('triage', 'decisions')
/** Queue → how far its index is made. */
export const builtKey = (kernel: Kernel): string => kernel.key('triage', 'built')
/** Deaths of ten minutes: fields are `<five seconds>|<field of the part>`. */
export const fineKey = (kernel: Kernel, no: number): string => kernel.key('triage', 'fine', no)
/** Deaths of one hour: fields are `<minute>|<field of the part>`. */
export const hourKey = (kernel: Kernel, hour: number): string => kernel.key('triage', 'hour', hour)
/** Deaths of a quarter of a day: fields are `<half hour>|<field of the part>`. */
export const quarterKey = (kernel: Kernel, quarter: number): string => kernel.key('triage', 'quarter', quarter)
