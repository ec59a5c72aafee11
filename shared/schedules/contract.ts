// Words of schedules on the wire, and the endpoints.
import { z } from 'zod'
import { Instant } from '../jobs/words.ts'
import { endpoint } from '../kernel/endpoint.ts'
import { problem } from '../kernel/problem.ts'

export const ScheduleMissing = problem('schedule-not-found', 'missing', 'There is no such schedule.')

const Mistake = z.object({
  pointer: z.string().describe('Where in the body, as a JSON pointer.'),
  code: z.string(),
  detail: z.string(),
})

export const ScheduleTime = z
  .object({
    at: Instant,
    local: z.iso
      .datetime({ offset: true })
      .describe(
        'The same moment as a wall clock in the time zone of the trigger shows it, with its distance from UTC.',
      ),
    note: z
      .string()
      .nullable()
      .describe(
        'What clocks do around then, where they change: why it is not the time that was asked for, or comes twice.',
      ),
  })
  .meta({ id: 'ScheduleTime' })
export type ScheduleTime = z.output<typeof ScheduleTime>

export const TriggerCheck = z
  .object({
    valid: z.boolean(),
    description: z.string().nullable().describe('The trigger in words; null when it is not valid.'),
    next: z.array(ScheduleTime).max(5).describe('The next five times; fewer when there are not so many.'),
    errors: z.array(Mistake).describe('What is wrong with it; empty when it is valid.'),
  })
  .meta({ id: 'TriggerCheck' })
export type TriggerCheck = z.output<typeof TriggerCheck>

export const schedules = {
  validate: endpoint({
    method: 'POST',
    path: '/scheduler/validate',
    operationId: 'validateTrigger',
    summary: 'Tell what a trigger means and when it fires next',
    description:
      'Stores nothing. A trigger that is not valid is answered too: `errors` says what is wrong with each member.',
    tags: ['scheduler'],
    scopes: ['schedules:read'],
    body: z.strictObject({
      trigger: z.record(z.string(), z.json()).describe('As in the trigger of a schedule: see `TimeTrigger`.'),
    }),
    replies: { 200: TriggerCheck },
    problems: [],
  }),
}
