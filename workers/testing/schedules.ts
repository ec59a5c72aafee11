// The kinds of job that the proof of schedules makes, and that keep its fleet busy.
import { z } from 'zod'
import { catalogOf, kind } from '../../shared/catalog/catalog.ts'
import { scheduleTick } from '../../shared/catalog/schedule-tick.ts'

export const schedulesCatalog = catalogOf(
  kind({
    name: 'slot.note',
    queue: 'slots',
    summary: 'Does nothing.',
    payload: z.object({}),
    result: z.null(),
  }),
  kind({ name: 'load.note', queue: 'load', summary: 'Does nothing.', payload: z.object({}), result: z.null() }),
  scheduleTick,
)
