// Making new things in a copy of the checkout: what is written, what is refused, and that a refusal writes nothing.
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test as base } from 'vitest'
import { make } from '../new.ts'
import { camel, kebab, pascal } from './names.ts'

const checkout = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const needed = ['.oxfmtrc.json', 'package.json', 'shared', 'api/routes', 'workers/handlers', 'dashboard/routes.ts', 'scripts/generate.ts', 'test/rooms.test.ts'] // prettier-ignore

/** A copy of the files that new things are registered in; goes with the test. */
const test = base.extend('root', async ({}, { onCleanup }) => {
  const root = mkdtempSync(join(tmpdir(), 'k1n-new-'))
  for (const path of needed) cpSync(join(checkout, path), join(root, path), { recursive: true })
  symlinkSync(join(checkout, 'node_modules'), join(root, 'node_modules'))
  onCleanup(() => rmSync(root, { recursive: true, force: true }))
  return root
})

const read = (root: string, path: string): string => readFileSync(join(root, path), 'utf8')

/** Every file of a copy with the time it was written. The link to the packages is not followed. */
const everything = (root: string): string[] =>
  readdirSync(root)
    .filter((name) => name !== 'node_modules' && statSync(join(root, name)).isDirectory())
    .flatMap((name) =>
      readdirSync(join(root, name), { recursive: true, encoding: 'utf8' }).map((path) => join(name, path)),
    )
    .map((path) => `${path} ${statSync(join(root, path)).mtimeMs}`)

describe('names', () => {
  test.each([
    ['report.build', 'ReportBuild', 'reportBuild', 'report-build'],
    ['queue.all_emptied', 'QueueAllEmptied', 'queueAllEmptied', 'queue-all-emptied'],
    ['dead-letters', 'DeadLetters', 'deadLetters', 'dead-letters'],
    ['oldestJob', 'OldestJob', 'oldestJob', 'oldest-job'],
  ])('%s is %s, %s and %s', (name, inTypes, inCode, inFiles) => {
    expect([pascal(name), camel(name), kebab(name)]).toEqual([inTypes, inCode, inFiles])
  })
})

describe('what is made', () => {
  test('a handler stands in the catalog and among the handlers', async ({ root }) => {
    const { written } = await make(root, ['handler', 'report.build'])
    expect(written.slice(0, 3)).toEqual([
      'shared/catalog/report-build.ts',
      'workers/handlers/report-build.ts',
      'workers/handlers/report-build.test.ts',
    ])
    expect(read(root, 'shared/catalog/catalog.ts')).toMatch(/catalogOf\([^)]*\breportBuild,\n\)/)
    expect(read(root, 'workers/handlers/handlers.ts')).toMatch(/'report\.build': reportBuild,\n {4}\}/)
  })

  test('an endpoint has a row like its neighbours, a verb and a binding', async ({ root }) => {
    await make(root, ['endpoint', 'queues.eldest', 'POST', '/queues/:queue/eldest'])
    const row = /eldest: endpoint\(\{[^]*?\n {2}\}\),/.exec(read(root, 'shared/queues/contract.ts'))?.[0]
    expect(row).toContain("path: '/queues/:queue/eldest'")
    expect(row).toContain("scopes: ['queues:manage']")
    expect(row).toContain('params: z.object({ queue: QueueName })')
    expect(read(root, 'shared/queues/queues.ts')).toContain('eldest: async (principal, queue) => ({')
    expect(read(root, 'api/routes/queues.ts')).toContain('await queues.eldest(principal, params.queue)')
  })

  test('an endpoint that nothing is said of is GET /<room>/<row>, and may stand where it hides nothing', async ({ root }) => {
    await make(root, ['endpoint', 'breakers.eldest'])
    expect(read(root, 'shared/breakers/contract.ts')).toMatch(/eldest: endpoint\(\{\s+method: 'GET',\s+path: '\/breakers\/eldest',/)
    // There is a queue at GET /queues/:queue, and nothing at POST.
    await make(root, ['endpoint', 'queues.eldest', 'POST'])
    expect(read(root, 'shared/queues/contract.ts')).toContain("path: '/queues/eldest'")
  }) // prettier-ignore

  test('an endpoint of a room whose rows are bound beside those of others is bound there', async ({ root }) => {
    await make(root, ['endpoint', 'dlq.eldest', 'GET', '/error-recovery/dlq/eldest'])
    expect(read(root, 'api/routes/recovery.ts')).toContain('bind(deadRows.eldest,')
  })

  test('an event stands in the list of all, under the room it is about', async ({ root }) => {
    await make(root, ['event', 'queue.emptied'])
    expect(read(root, 'shared/queues/contract.ts')).toContain("'queue:emptied'")
    expect(read(root, 'shared/events.ts')).toMatch(/ {2}queues\.QueueEmptied,\n\]/)
    expect(read(root, 'shared/event-examples.ts')).toContain("'queue.emptied': { queue: 'mail', count: 3 },")
  })

  test('an event of a subject no room has is asked for its room, and takes it', async ({ root }) => {
    await expect(make(root, ['event', 'moon.risen'])).rejects.toThrow('name its room: npm run new event moon.risen')
    await make(root, ['event', 'moon.risen', 'metrics'])
    expect(read(root, 'shared/events.ts')).toContain("import * as metrics from './metrics/contract.ts'")
  })

  test('a page stands in the list of pages', async ({ root }) => {
    await make(root, ['page', 'slow-jobs'])
    expect(read(root, 'dashboard/routes.ts')).toContain("slowJobs: page('/slow-jobs', 'Slow jobs', () => import(")
  })

  test('a room stands where rooms meet: contract, rooms, routes and the groups of the document', async ({ root }) => {
    await make(root, ['room', 'holds'])
    expect(read(root, 'shared/contract.ts')).toMatch(/\bholds,?\s\} as const/)
    expect(read(root, 'shared/rooms.ts')).toMatch(/readonly holds: Holds\n\}?/)
    expect(read(root, 'shared/rooms.ts')).toContain('holds: createHolds(kernel),')
    expect(read(root, 'api/routes/routes.ts')).toContain('bindHolds(bind, rooms)')
    expect(read(root, 'test/rooms.test.ts')).toContain('  holds: [],')
    expect(read(root, 'scripts/generate.ts')).toContain("holds: 'What holds there are.',")
  })
})

describe('a refusal', () => {
  test.for([
    ['handler', 'report.build'],
    ['endpoint', 'queues.eldest', 'GET', '/queues/:queue/eldest'],
    ['event', 'queue.emptied'],
    ['page', 'slow-jobs'],
    ['room', 'holds'],
  ])('of a second %s of one name says what to do and writes nothing', async (args, { root }) => {
    await make(root, args)
    const before = everything(root)
    await expect(make(root, args)).rejects.toThrow('take another name, or change what is there')
    expect(everything(root)).toEqual(before)
  })

  test.for<[args: string[], why: string]>([
    [[], 'say what to make'],
    [['toString', 'x'], 'say what to make'],
    [['handler'], 'a name is missing; give one like report.build'],
    [['handler', 'Report'], 'Report is no such name; give one like report.build'],
    [['handler', '../../etc'], 'is no such name'],
    [['endpoint', 'moon.phase'], 'make it first: npm run new room moon'],
    [
      ['endpoint', 'queues.eldest'],
      'give method and path: npm run new endpoint queues.eldest GET /queues/:queue/eldest',
    ],
    [['endpoint', 'queues.eldest', 'GET', 'queues'], 'queues is no such name; give one like /queues/:queue/oldest'],
    [['endpoint', 'queues.other', 'GET', '/queues/:queue'], 'has the row other, or GET /queues/:queue, already'],
    [['endpoint', 'auth.first'], 'docs/guides'],
    [['page', 'jobs'], 'has a page jobs already'],
    [['room', 'kernel'], 'there is a room kernel already'],
  ])('of %j says why', async ([args, why], { root }) => {
    const before = everything(root)
    await expect(make(root, args)).rejects.toThrow(why)
    expect(everything(root)).toEqual(before)
  })
})
