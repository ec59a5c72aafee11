// Which room may use which, where packages may be used, and that no file imports itself in a circle.
import { posix } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeIn } from './support/sources.ts'

/** The rooms each room may use beside everybody's words. A new room gets a line; what it needs sideways it hears as events. */
const mayUse: Readonly<Record<string, readonly string[]>> = {
  kernel: [],
  alerts: [
    ...['auth', 'breakers', 'bullmq', 'catalog', 'deliveries', 'metrics', 'queues', 'schedules', 'services', 'stream'],
    'webhooks',
  ],
  attempts: ['bullmq', 'calls', 'catalog', 'jobs', 'retries', 'workers'],
  audit: ['auth'],
  auth: ['limits'],
  batch: ['bullmq', 'catalog', 'dlq', 'inbound', 'jobs', 'operations', 'stream'],
  breakers: ['budgets', 'services', 'stream'],
  budgets: [],
  bullmq: [],
  calls: ['breakers', 'budgets', 'retries', 'services'],
  catalog: ['schedules', 'services'],
  changes: ['bullmq', 'metrics'],
  deliveries: [
    ...['budgets', 'bullmq', 'calls', 'catalog', 'jobs', 'metrics', 'operations', 'outbound', 'stream'],
    'webhooks',
  ],
  dlq: ['audit', 'bullmq', 'catalog', 'jobs', 'operations', 'stream', 'triage'],
  explain: ['attempts', 'bullmq', 'jobs', 'metrics', 'queues', 'services', 'workers'],
  imports: ['jobs'],
  inbound: ['bullmq', 'stream'],
  jobs: [
    'attempts',
    'bullmq',
    'catalog',
    'dlq',
    'metrics',
    'queues',
    'retries',
    'services',
    'stream',
    'triage',
    'workers',
  ],
  limits: [],
  listening: [],
  metrics: ['bullmq', 'queues'],
  operations: ['bullmq', 'catalog', 'stream'],
  outbound: [],
  preferences: [],
  queues: ['bullmq', 'dlq', 'metrics', 'operations', 'services', 'workers'],
  recorder: [
    ...['attempts', 'bullmq', 'dlq', 'jobs', 'metrics', 'queues', 'rewind', 'schedules', 'stream', 'timeline'],
    ...['triage', 'workers'],
  ],
  retries: ['attempts', 'bullmq', 'catalog', 'dlq', 'jobs', 'services'],
  rewind: ['alerts', 'breakers', 'bullmq', 'jobs', 'metrics', 'queues', 'services', 'workers'],
  schedules: ['bullmq', 'catalog', 'jobs', 'metrics', 'stream'],
  services: ['stream'],
  stream: ['bullmq'],
  system: [],
  testing: ['attempts', 'bullmq', 'calls', 'catalog', 'stream'],
  touches: [
    ...['audit', 'auth', 'breakers', 'budgets', 'bullmq', 'catalog', 'jobs', 'schedules', 'services', 'webhooks'],
    'workers',
  ],
  timeline: ['auth', 'bullmq', 'catalog', 'metrics', 'stream'],
  triage: ['bullmq', 'dlq', 'jobs', 'metrics', 'stream'],
  webhooks: ['audit', 'bullmq', 'outbound', 'stream'],
  workers: ['bullmq', 'catalog', 'operations', 'stream'],
}

/** Who may import a package; the other packages are anybody's. `types` are free. */
const packages: Readonly<Record<string, RegExp>> = {
  bullmq: /^(shared\/bullmq|shared\/attempts\/children|shared\/testing|workers|api\/board)/,
  koa: /^api\//,
  '@koa/router': /^api\//,
  ws: /^api\/live\//,
  'node:http': /^api\/|^shared\/outbound\//,
  undici: /^shared\/outbound\//,
  'node:sqlite': /^shared\/listening\//,
  svelte: /^dashboard\//,
}

interface Import {
  from: string
  to: string
  isType: boolean
}

const statement = /^(?:import|export)\s+(type\s)?[^;'"]*?from\s+'([^']+)'|(?:await|=>)\s+import\('([^']+)'\)/gm

const importsOf = ({ path, text }: { path: string; text: string }): Import[] =>
  [...text.matchAll(statement)].map(([, type, from, dynamic]) => {
    const to = from ?? dynamic ?? ''
    return { from: path, to: to.startsWith('.') ? posix.join(posix.dirname(path), to) : to, isType: type !== undefined }
  })

const code = codeIn('shared', 'api', 'workers', 'dashboard')
const imports = [...code, ...codeIn('scripts')].flatMap(importsOf)
const ours = imports.filter(({ to }) => /^(shared|api|workers|dashboard|scripts|test)\//.test(to))

/** `jobs` of `shared/jobs/…`; undefined outside the rooms. */
const roomOf = (path: string): string | undefined => /^shared\/([^/]+)\//.exec(path)?.[1]
/** What everybody may know of a room: its words, and decisions that need nothing but words. */
const isWords = (path: string): boolean =>
  /^shared\/[^/]+\/(?:[a-z]+-)?(contract|events|words|problems|policy|id)\.ts$/.test(path)
const isKernel = (path: string): boolean => path.startsWith('shared/kernel/')
const door = (path: string): string => path.split('/')[0] ?? ''
const said = (list: Import[]): string[] => list.map(({ from, to }) => `${from} imports ${to}`)

describe('rooms', () => {
  test('use only the rooms their line allows', () => {
    const across = ours.filter(
      ({ from, to }) => roomOf(from) !== undefined && roomOf(to) !== undefined && roomOf(from) !== roomOf(to),
    )
    const wrong = across.filter(({ from, to }) => {
      const allowed = mayUse[roomOf(from) ?? ''] ?? []
      return !isKernel(to) && !isWords(to) && !allowed.includes(roomOf(to) ?? '')
    })
    const advice = `where that is meant, name the second room in the first one's line of mayUse in test/rooms.test.ts`
    expect(said(wrong), advice).toEqual([])
  })

  test('each have a line in the table, and each line has a room', () => {
    const rooms = new Set(code.flatMap(({ path }) => roomOf(path) ?? []))
    expect([...rooms].filter((room) => !(room in mayUse))).toEqual([])
    expect(Object.keys(mayUse).filter((room) => !rooms.has(room))).toEqual([])
  })

  test('are put together in shared/rooms.ts only: no other room imports it', () => {
    expect(said(ours.filter(({ from, to }) => roomOf(from) !== undefined && to === 'shared/rooms.ts'))).toEqual([])
  })
})

describe('packages', () => {
  test('are imported where they belong', () => {
    const wrong = imports.filter(({ from, to, isType }) => {
      const allowed = packages[to.startsWith('@') || to.startsWith('node:') ? to : (to.split('/')[0] ?? '')]
      return allowed !== undefined && !isType && door(from) !== 'scripts' && !allowed.test(from)
    })
    expect(said(wrong)).toEqual([])
  })
})

test('no file imports itself in a circle', () => {
  const next = new Map<string, string[]>()
  for (const { from, to, isType } of ours) if (!isType) next.set(from, [...(next.get(from) ?? []), to])
  expect(circleIn(next)).toBeUndefined()
})

/** The first circle found, as the path that closes it. */
const circleIn = (next: ReadonlyMap<string, readonly string[]>): string | undefined => {
  const done = new Set<string>()
  const walk = (path: string, trail: readonly string[]): string | undefined => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path].join(' → ')
    if (done.has(path)) return undefined
    for (const to of next.get(path) ?? []) {
      const circle = walk(to, [...trail, path])
      if (circle !== undefined) return circle
    }
    done.add(path)
    return undefined
  }
  for (const path of next.keys()) {
    const circle = walk(path, [])
    if (circle !== undefined) return circle
  }
  return undefined
}
