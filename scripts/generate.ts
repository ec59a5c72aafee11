// npm run generate: openapi.json with its promises, .env.example and the index of problems, from what declares them. `--check`
// only compares; `--break` takes promises back.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { contract } from '../shared/contract.ts'
import { events } from '../shared/events.ts'
import { Settings } from '../shared/kernel/config.ts'
import { toOpenApi } from '../shared/kernel/openapi.ts'
import { problemRegistry } from '../shared/kernel/problem.ts'
import { broken, promisesOf } from './promises.ts'

const tags = {
  jobs: 'Enqueue, watch and steer single jobs.',
  queues: 'Every queue in this Redis, also those of other services.',
  'error-recovery': 'Retries, circuit breakers and dead letters.',
  services: 'What jobs call, and what those calls are held to.',
  scheduler: 'Schedules: jobs at times.',
  operations: 'Long work on many things: watched, paced, paused, cancelled, undone.',
  timeline: 'Attempts over time.',
  metrics: 'Figures.',
  imports: 'Files in, jobs out.',
  stream: 'Facts as they happen: WebSocket, server-sent events, long poll.',
  webhooks: 'Events sent to addresses of others: signed, repeated until they arrive.',
  workers: 'Worker processes: what they are and run, pausing and ending them.',
  batch: 'Many things in one request.',
  keys: 'API keys and who is asking.',
  alerts: 'What needs somebody: rules over figures, and what came of them.',
  audit: 'Who changed what.',
  auth: "The dashboard's sign-in.",
  system: 'Whether the server lives, is ready and is well.',
  events: 'Facts that webhooks and the stream carry; events from outside, and the sources they come through.',
}

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
const description =
  'The control plane for BullMQ. Every error is RFC 9457 problem details with a stable `code`; lists are walked by cursor; the same `Idempotency-Key` does a thing once.'

const openapi = () => toOpenApi({ info: { title: 'k1n', version, description }, contract, events, tags })

/** The document as it is committed. */
export const openapiText = (): string => JSON.stringify(openapi(), null, 2) + '\n'

const LOCK = 'openapi.lock'
const lockText = (): string => promisesOf(openapi()).join('\n') + '\n'

/** Promises of the committed document that the contract does not keep. */
export const brokenPromises = (): string[] => broken((read(LOCK) ?? '').split('\n'), promisesOf(openapi()))

const wrapped = (text: string): string => text.replace(/(.{1,100})( |$)/g, '# $1\n').trimEnd()

/** Every setting with its sentence; those without a default are commented out. */
export const envText = (): string => {
  const defaults = z.toJSONSchema(Settings, { io: 'input', unrepresentable: 'any' }).properties ?? {}
  const entries = Object.entries(Settings.shape).map(([name, schema]) => {
    const property = defaults[name]
    const fallback = typeof property === 'object' ? property.default : undefined
    return `${wrapped(schema.description ?? '')}\n#${name}=${typeof fallback === 'string' || typeof fallback === 'number' ? fallback : ''}`
  })
  return `# Settings of k1n. What is commented out shows the default.\n\n${entries.join('\n\n')}\n`
}

/** The index of all problem pages. */
export const problemsText = (): string => {
  const rows = [...problemRegistry.values()].sort((a, b) => a.status - b.status || (a.code < b.code ? -1 : 1))
  const lines = rows.map(({ status, code, title }) => `- ${status} [\`${code}\`](${code}.md) ${title}`)
  const intro = 'Every refusal has a `code`, and every code a page: what happened, how to fix it, common mistakes.'
  return ['# Problems', '', intro, '', ...lines, ''].join('\n')
}

/** What is generated: path and text. */
export const generated = (): Record<string, string> => ({
  'openapi.json': openapiText(),
  [LOCK]: lockText(),
  '.env.example': envText(),
  'docs/problems/README.md': problemsText(),
})

const pathOf = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
const read = (name: string): string | undefined => {
  try {
    return readFileSync(pathOf(name), 'utf8')
  } catch {
    return undefined
  }
}

/** Problems without a page, and pages without a problem. */
export const missingPages = (): string[] => {
  const pages = new Set(
    readdirSync(pathOf('docs/problems'))
      .filter((name) => name.endsWith('.md') && name !== 'README.md')
      .map((name) => name.slice(0, -3)),
  )
  return [
    ...[...problemRegistry.keys()]
      .filter((code) => !pages.has(code))
      .map((code) => `docs/problems/${code}.md is missing`),
    ...[...pages]
      .filter((code) => !problemRegistry.has(code))
      .map((code) => `docs/problems/${code}.md belongs to no problem`),
  ]
}

const main = (): void => {
  const check = process.argv.includes('--check')
  const lost = process.argv.includes('--break') ? [] : brokenPromises()
  const stale = Object.entries(generated()).filter(
    ([name, text]) => read(name) !== text && (name !== LOCK || lost.length === 0),
  )
  if (!check) for (const [name, text] of stale) writeFileSync(pathOf(name), text)
  const mistakes = [
    ...(check ? stale.map(([name]) => `${name} is stale; run npm run generate`) : []),
    ...lost.map((line) => `this breaks who locks to version 2: ${line}`),
    ...(lost.length > 0
      ? ['see docs/guides/versioning.md; where nobody can rely on it yet: npm run generate -- --break']
      : []),
    ...missingPages(),
  ]
  for (const line of [...(check ? [] : stale.map(([name]) => `wrote ${name}`)), ...mistakes])
    process.stdout.write(line + '\n')
  if (mistakes.length > 0) process.exitCode = 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
