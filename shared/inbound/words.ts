// Words of events in: what they are called and what they carry, where they come through, and how that is checked.
import { z } from 'zod'
import { DataPath, EventName } from '../kernel/data-filter.ts'

/** An event's own id, as its sender gives it. `evt_` begins those k1n gives, and two numbers are a position in the log. */
export const GivenEventId = z
  .string()
  .regex(
    /^(?!evt_|\d+-\d+(?:\.\d+)?$)[A-Za-z0-9_.-]{1,128}$/,
    'must be 1 to 128 of letters, digits and _ . -, not begin with evt_, and not be a position such as 1795343641000-0',
  )

export const EventId = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,128}$/, 'must be the id of an event')
  .describe('The id of an event from outside, or the position of any fact in the log.')

/** What an event set off. */
export const Started = z
  .object({ schedule_id: z.string(), task_id: z.string().describe('The job that the schedule made of it.') })
  .meta({ id: 'StartedBySchedule' })
export type Started = z.output<typeof Started>

export const SourceId = z
  .string()
  .regex(/^src_[0-9a-f]{40}$/, 'must be the id of an event source, such as src_5f0c…')
  .meta({ id: 'EventSourceId' })

export const HeaderName = z.string().regex(/^[A-Za-z0-9-]{1,64}$/, 'must be the name of a header')

const tolerance = z
  .int()
  .min(30)
  .max(3_600)
  .default(300)
  .describe('How far the time that was signed may be from now, either way.')
const idHeader = HeaderName.nullable()
  .default(null)
  .describe(
    'The header that tells deliveries apart; the same value again within 24 h is a repetition, and with `hmac` the same body too: the header is not signed.',
  )

/** What each scheme needs to be told, beside its secret. */
const members = {
  standard_webhooks: { tolerance_s: tolerance },
  github: {},
  stripe: { tolerance_s: tolerance },
  slack: { tolerance_s: tolerance },
  hmac: {
    signature_header: HeaderName,
    prefix: z
      .string()
      .regex(/^[\x21-\x7e]{0,32}$/)
      .default('')
      .describe('What stands before the signature in the header, such as `sha256=`.'),
    encoding: z.enum(['hex', 'base64']).default('hex'),
    id_header: idHeader,
  },
  shared_secret: { header: HeaderName, id_header: idHeader },
  none: { id_header: idHeader },
} as const
export type Scheme = keyof typeof members

const scheme = <const Name extends Scheme>(name: Name) => z.strictObject({ scheme: z.literal(name), ...members[name] })

/** How a source is checked. `hmac` is HMAC-SHA256 over the body; `shared_secret` compares a header with the secret. */
export const Verify = z
  .discriminatedUnion('scheme', [
    scheme('standard_webhooks'),
    scheme('github'),
    scheme('stripe'),
    scheme('slack'),
    scheme('hmac'),
    scheme('shared_secret'),
    scheme('none'),
  ])
  .meta({ id: 'EventSourceVerify' })
export type Verify = z.output<typeof Verify>

export const SecretText = z
  .string()
  .regex(/^[\x21-\x7e][\x20-\x7e]{6,254}[\x21-\x7e]$/, 'must be 8 to 256 characters of ASCII')
  .describe('Kept sealed, never shown again.')
const secret = SecretText.optional().describe(
  'Made by k1n where it is absent. `slack` has one already; `stripe` tells its own once it knows the address: until that is given by a rotation, nothing is taken.',
)
const withSecret = <const Name extends Exclude<Scheme, 'none'>>(name: Name) =>
  z.strictObject({ scheme: z.literal(name), ...members[name], secret })

/** The same with the secret, when a source is made. */
export const VerifyInput = z
  .discriminatedUnion('scheme', [
    withSecret('standard_webhooks'),
    withSecret('github'),
    withSecret('stripe'),
    withSecret('slack'),
    withSecret('hmac'),
    withSecret('shared_secret'),
    scheme('none'),
  ])
  .meta({ id: 'EventSourceVerifyWithSecret' })
export type VerifyInput = z.output<typeof VerifyInput>

/** What a delivery is told as beside `webhook.received`. */
export const Emit = z
  .strictObject({
    event: EventName.describe('The name, or what it begins with.'),
    append: z
      .union([z.strictObject({ header: HeaderName }), z.strictObject({ path: DataPath })])
      .nullable()
      .default(null)
      .describe('A header or a member of the payload whose value follows the name, as in `github.push`.'),
  })
  .meta({ id: 'EventSourceEmit' })
export type Emit = z.output<typeof Emit>

/** Why a delivery was refused. */
export const Refusal = z
  .enum([
    'missing_header',
    'wrong_signature',
    'wrong_time',
    'no_secret',
    'disabled',
    'unreadable_body',
    'secret_unreadable',
  ])
  .meta({ id: 'DeliveryRefusal' })
export type Refusal = z.output<typeof Refusal>
