// Settings: read once from the environment, checked as a whole, every mistake told at once by its variable's name.
import { resolve } from 'node:path'
import ipaddr from 'ipaddr.js'
import { z } from 'zod'
import { isKey } from './api-key.ts'
import { DataPath } from './data-filter.ts'

const list = (text: string): string[] =>
  text
    .split(',')
    .map((item) => item.trim())
    .filter((item) => item !== '')

const whole = (min: number, max: number, fallback: number) =>
  z.coerce
    .number<string>({ error: 'must be a whole number' })
    .int('must be a whole number')
    .min(min)
    .max(max)
    .default(fallback)

const ranges = z
  .string()
  .default('')
  .transform(list)
  .refine(
    (cidrs) => cidrs.every((range) => ipaddr.isValidCIDR(range)),
    'must be address ranges such as 10.0.0.0/8, separated by commas',
  )

const instant = (fallback: string) =>
  z.iso
    .datetime({ offset: true, error: 'must be an instant such as 2027-06-30T23:59:59Z' })
    .default(fallback)
    .transform((text) => Date.parse(text))

const spanOf = (text: string): { from: number; to: number } => {
  const [from = NaN, to = NaN] = text.split('/').map((part) => Date.parse(part))
  return { from, to }
}

/** Names may hold colons, paths may too, but who names a job so can call its member otherwise. */
const searchPathOf = (text: string): { name: string; path: string } => {
  const at = text.lastIndexOf(':')
  return { name: text.slice(0, Math.max(0, at)), path: text.slice(at + 1) }
}

const words: Readonly<Record<string, boolean | string>> = {
  on: true,
  off: false,
  warning: 'warning',
  critical: 'critical',
}

/** `rule.member=value`; what is missing is empty. */
const alertRuleOf = (text: string): { rule: string; member: string; value: boolean | number | string | undefined } => {
  const [, rule = '', member = '', value = ''] = /^([a-z_]+)\.([a-z_]+)=([a-z0-9.]+)$/.exec(text) ?? []
  return { rule, member, value: words[value] ?? (/^\d+(\.\d+)?$/.test(value) ? Number(value) : undefined) }
}

/** Whether a text is one or more keys that seal secrets, parted by commas. */
export const isSecretsKey = (text: string): boolean => list(text).every((key) => keyBytes(key).length === 32)

const keyBytes = (text: string): Buffer => Buffer.from(text, 'base64')

/** Every setting: its variable, its default and a sentence. The README's table is checked against this. */
export const Settings = z.object({
  PORT: whole(0, 65_535, 3000).describe('Port of the API and the dashboard; 0 takes a free one.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  K1N_MAX_CONNECTIONS: whole(10, 1_000_000, 10_000).describe(
    'Connections the API holds at once; further ones are closed.',
  ),
  K1N_KEEP_ALIVE_MS: whole(1_000, 600_000, 5_000).describe(
    'How long a connection without a request is kept. Behind a balancer: five seconds longer than it keeps its own.',
  ),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must start with redis:// or rediss://')
    .default('redis://127.0.0.1:6379')
    .describe('Redis to use. `npm start` starts one of its own when this is not set.'),
  K1N_DATA_DIR: z
    .string()
    .min(1)
    .default('.k1n')
    .transform((path) => resolve(path))
    .describe('Where k1n keeps files: Redis data, the admin key, uploads, logs.'),
  K1N_ADMIN_KEY: z
    .string()
    .refine(
      isKey,
      'must be a key such as `npm start` makes: k1n_sk_ and 38 letters and digits, the last six a checksum',
    )
    .optional()
    .describe('The first key. Made on first start when absent; kept in `{K1N_DATA_DIR}/admin-key`.'),
  K1N_SECRETS_KEY: z
    .string()
    .default('')
    .refine(isSecretsKey, 'must be 32 bytes in base64, as `openssl rand -base64 32` makes')
    .transform((text) => list(text).map(keyBytes))
    .describe(
      'Seals secrets in Redis: 32 bytes in base64. Made on first start when absent; kept in `{K1N_DATA_DIR}/secrets-key`. ' +
        'To change it, put the new one before the old one, with a comma.',
    ),
  K1N_DEMO: z.enum(['on', 'off']).default('on').describe('`off` starts without the demo workload and its schedules.'),
  K1N_QUEUES: z
    .string()
    .default('*')
    .transform(list)
    .describe('Which existing queues to attach to: names or globs with `*`, separated by commas.'),
  K1N_SEARCH_PATHS: z
    .string()
    .default('')
    .transform((text) => list(text).map(searchPathOf))
    .refine(
      (paths) => paths.every(({ name, path }) => name !== '' && DataPath.safeParse(path).success),
      'must be names of jobs, each with a path into their payload, such as order.place:customer.id, separated by commas',
    )
    .describe(
      'Paths into the payloads of jobs that other services add, which jobs may be searched by: `order.place:customer.id`, separated by commas.',
    ),
  K1N_ATTACH: z
    .enum(['own', 'observe'])
    .default('own')
    .describe('`observe` never writes to queues of other services, not even the length of their event streams.'),
  K1N_BULLMQ_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_.-]{1,64}$/, 'must be 1 to 64 letters, digits, `_`, `.` or `-`')
    .default('bull')
    .describe("BullMQ's key prefix, as the producers use it."),
  K1N_HTTP_ALLOW_CIDRS: ranges.describe('Private address ranges that `http.request` jobs may call; none by default.'),
  K1N_WEBHOOK_ALLOW_CIDRS: ranges.describe(
    'Private address ranges that webhooks may be sent to, by http too; none by default. For trying things out: production ' +
      'refuses it unless confirmed.',
  ),
  K1N_WEBHOOK_ALLOW_CIDRS_CONFIRM: z
    .string()
    .default('')
    .describe(
      'With `NODE_ENV=production`: the text of `K1N_WEBHOOK_ALLOW_CIDRS` once more, to say that these ranges are meant.',
    ),
  K1N_WEBHOOK_ALLOW_HTTP: z
    .enum(['on', 'off'])
    .default('off')
    .describe('`on` takes `http:` addresses of webhooks, whose facts anybody on the way can read.'),
  K1N_WEBHOOK_PORTS: z
    .string()
    .default('80,443,8080,8443')
    .transform((text) => list(text).map(Number))
    .refine(
      (ports) => ports.length > 0 && ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536),
      'must be ports such as 443,8443',
    )
    .describe('Ports that webhooks may be sent to; any in an allowed range.'),
  K1N_PUBLIC_URL: z
    .url({ protocol: /^https?$/, error: 'must be an http or https address' })
    .transform((text) => text.replace(/\/$/, ''))
    .optional()
    .describe('The address people use, for links. Taken from HOST and PORT when absent.'),
  K1N_IMPORT_DIR: z
    .string()
    .min(1)
    .transform((path) => resolve(path))
    .optional()
    .describe('Where `listening.import` may read files by name; `{K1N_DATA_DIR}/imports` when absent.'),
  K1N_WORKERS: whole(1, 64, 2).describe('Worker processes a supervisor keeps running.'),
  K1N_CONCURRENCY: whole(1, 1_000, 50).describe('Jobs one worker process runs at once in one queue.'),
  K1N_WORKER_VERSION: z
    .string()
    .regex(/^[A-Za-z0-9_.+-]{1,64}$/, 'must be 1 to 64 letters, digits, `_`, `.`, `+` or `-`')
    .optional()
    .describe('Version of the handlers, which failures are told with; that of `package.json` when absent.'),
  K1N_QUEUE_DEPTH: whole(0, 1e9, 1_000_000).describe(
    'Jobs that may wait in a queue (delayed ones too) before the API takes no more for it; 0 for no limit. A queue may have a limit of its own: `depth_limit`.',
  ),
  K1N_SHUTDOWN_GRACE_MS: whole(0, 600_000, 25_000).describe('How long jobs may finish after a stop signal, in ms.'),
  K1N_EVENTS_MAX_BYTES: whole(1_000_000, 1e12, 512_000_000).describe('Byte cap of the event log in Redis.'),
  K1N_DLQ_MAX_AGE_DAYS: whole(0, 36_500, 0).describe('Dead letters older than this are removed; 0 keeps them.'),
  K1N_DLQ_MAX_COUNT: whole(0, 1e9, 0).describe('Dead letters kept in all queues together; 0 for no limit.'),
  K1N_DLQ_MAX_BYTES: whole(0, 1e13, 0).describe(
    'Memory that dead letters may take in Redis, in bytes; 0 for no limit.',
  ),
  K1N_AUDIT_DAYS: whole(1, 36_500, 365).describe('How long the audit keeps who changed what, in days.'),
  K1N_AUDIT_MAX: whole(1_000, 10_000_000, 100_000).describe(
    'Entries the audit keeps at most: so many changes, and so many of work that was handed in.',
  ),
  K1N_ALERT_RULES: z
    .string()
    .default('')
    .transform((text) => list(text).map(alertRuleOf))
    .refine(
      (rules) => rules.every(({ rule, member, value }) => rule !== '' && member !== '' && value !== undefined),
      'must be members of rules with a number, on, off, warning or critical, such as failure_rate_high.threshold=0.1, separated by commas',
    )
    .describe(
      'What alert rules say unless somebody changes them, where that is not what k1n says: `failure_rate_high.threshold=0.1,no_worker.enabled=off`, separated by commas.',
    ),
  K1N_API_V1: z
    .enum(['on', 'off', 'brownout'])
    .default('on')
    .describe(
      'Version 1 of the API: `off` ends it before its time, `brownout` refuses it in the spans of `K1N_API_V1_BROWNOUTS`.',
    ),
  K1N_API_V1_DEPRECATED_AT: instant('2026-01-01T00:00:00Z').describe('Since when version 1 is deprecated.'),
  K1N_API_V1_SUNSET_AT: instant('2027-06-30T23:59:59Z').describe('After this moment version 1 answers 410.'),
  K1N_API_V1_BROWNOUTS: z
    .string()
    .default('')
    .transform((text) => list(text).map(spanOf))
    .refine(
      (spans) => spans.every(({ from, to }) => from < to),
      'must be spans such as 2027-05-04T10:00:00Z/2027-05-04T11:00:00Z, separated by commas',
    )
    .describe(
      'Announced spans in which version 1 is refused as it will be in the end, so that nobody is surprised then.',
    ),
  K1N_API_V1_BROWNOUT_PERCENT: whole(1, 100, 100).describe(
    'How many of a hundred requests are refused in such a span.',
  ),
  K1N_DEPRECATION_FORMAT: z
    .enum(['rfc9745', 'boolean'])
    .default('rfc9745')
    .describe(
      '`boolean` sends `Deprecation: true`, as drafts before RFC 9745 said, to clients that do not ask for either.',
    ),
  K1N_ANONYMOUS_PER_MINUTE: whole(1, 1_000_000, 300).describe(
    'Requests a minute that one address may send to one process without a valid credential. Higher behind a proxy: all come from its address.',
  ),
  K1N_LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('The least level that is logged.'),
})
export type Settings = Readonly<z.output<typeof Settings>>

/** What is wrong with the settings: one line for each mistake, each with its variable's name. */
export class SettingsError extends Error {}

/** Reads and freezes the settings; an empty variable counts as absent. Throws `SettingsError` naming every mistake. */
export const readSettings = (env: Record<string, string | undefined>): Settings => {
  const given = Object.keys(Settings.shape).flatMap((name) => (env[name] ? [[name, env[name]] as const] : []))
  const result = Settings.safeParse(Object.fromEntries(given), { jitless: true })
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('K1N_') && !(name in Settings.shape) && !name.startsWith('K1N_TEST_'),
  )
  const mistakes = [
    ...(result.error?.issues ?? []).map((issue) => `${issue.path.join('.')} ${issue.message}`),
    ...unknown.map((name) => `${name} is not a setting k1n knows`),
    ...unconfirmed(env),
    ...(result.success ? contradictions(result.data) : []),
  ]
  if (!result.success || mistakes.length > 0)
    throw new SettingsError(`The settings are not right:\n${mistakes.map((line) => `  - ${line}`).join('\n')}`)
  return Object.freeze(result.data)
}

/** Ranges opened in production are a hole for whoever may register webhooks, so they are said twice. */
const unconfirmed = ({
  NODE_ENV,
  K1N_WEBHOOK_ALLOW_CIDRS: opened,
  ...env
}: Record<string, string | undefined>): string[] =>
  NODE_ENV !== 'production' || !opened || opened === env['K1N_WEBHOOK_ALLOW_CIDRS_CONFIRM']
    ? []
    : [
        'K1N_WEBHOOK_ALLOW_CIDRS opens private addresses in production; if that is meant, set K1N_WEBHOOK_ALLOW_CIDRS_CONFIRM to the same',
      ]

/** What is wrong with settings that are each right. */
const contradictions = (settings: z.output<typeof Settings>): string[] => [
  ...(settings.K1N_API_V1_SUNSET_AT < settings.K1N_API_V1_DEPRECATED_AT
    ? ['K1N_API_V1_SUNSET_AT must not lie before K1N_API_V1_DEPRECATED_AT']
    : []),
  ...(settings.K1N_API_V1 === 'brownout' && settings.K1N_API_V1_BROWNOUTS.length === 0
    ? ['K1N_API_V1=brownout needs the spans of K1N_API_V1_BROWNOUTS']
    : []),
]

/** Where imports may be read from. */
export const importDir = (settings: Settings): string =>
  settings.K1N_IMPORT_DIR ?? resolve(settings.K1N_DATA_DIR, 'imports')
