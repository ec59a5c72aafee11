// Makes a room: its words, its verbs with a test, its routes, and its line in each place where rooms meet.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { addImport, addToBlock } from './edit.ts'
import { camel, mustBe, pascal } from './names.ts'
import { Refusal } from './plan.ts'
import type { Maker } from './plan.ts'

/** `holds` */
export const room: Maker = (root, [given]) => {
  const name = mustBe(/^[a-z][a-z0-9]*$/, given, 'holds')
  if (existsSync(join(root, 'shared', name)))
    throw new Refusal(`there is a room ${name} already, in shared/${name}; take another name, or change what is there`)
  return {
    files: {
      [`shared/${name}/contract.ts`]: contractText(name),
      [`shared/${name}/${name}.ts`]: verbsText(name),
      [`shared/${name}/${name}.test.ts`]: testText(name),
      [`shared/${name}/README.md`]: readmeText(name),
      [`api/routes/${name}.ts`]: routesText(name),
      [`test/api/${name}/list.test.ts`]: apiTestText(name),
    },
    edits: edits(name),
    next: [
      `say in shared/${name}/contract.ts what it is about, and write its verbs into shared/${name}/${name}.ts`,
      'name the rooms it may use in its line of test/rooms.test.ts',
      'npm run generate',
      `npm test shared/${name} test/api/${name} test/contract test/steps test/rooms`,
    ],
  }
}

const edits = (name: string) => ({
  'shared/contract.ts': (text: string) =>
    addToBlock(
      addImport(text, `import { ${name} } from './${name}/contract.ts'`),
      'export const contract = {',
      `  ${name},`,
      'shared/contract.ts',
    ),
  'shared/rooms.ts': (text: string) =>
    addToBlock(
      addToBlock(
        addImport(
          addImport(text, `import { create${pascal(name)} } from './${name}/${name}.ts'`),
          `import type { ${pascal(name)} } from './${name}/${name}.ts'`,
        ),
        'export interface Rooms {',
        `  readonly ${camel(name)}: ${pascal(name)}`,
        'shared/rooms.ts',
      ),
      '\n  return {',
      `    ${camel(name)}: create${pascal(name)}(kernel),`,
      'shared/rooms.ts',
    ),
  'api/routes/routes.ts': (text: string) =>
    addToBlock(
      addImport(text, `import { bind${pascal(name)} } from './${name}.ts'`),
      /export const bindRoutes = \([\s\S]*?\): void => \{/,
      `  bind${pascal(name)}(bind, rooms)`,
      'api/routes/routes.ts',
    ),
  'test/rooms.test.ts': (text: string) =>
    addToBlock(text, /const mayUse: [^=]*= \{/, `  ${name}: [],`, 'test/rooms.test.ts'),
  'scripts/generate.ts': (text: string) =>
    addToBlock(text, 'const tags = {', `  ${name}: 'What ${name} there are.',`, 'scripts/generate.ts'),
})

const contractText = (name: string): string => `// Words of ${name}: names that are kept, and who keeps them.
import { z } from 'zod'
import { endpoint } from '../kernel/endpoint.ts'
import { Instant, cleanText } from '../jobs/words.ts'

export const ${pascal(name)}Entry = z
  .object({ name: cleanText(1, 128), kept_by: z.string(), kept_at: Instant })
  .meta({ id: '${pascal(name)}Entry' })
export type ${pascal(name)}Entry = z.output<typeof ${pascal(name)}Entry>

export const ${name} = {
  list: endpoint({
    method: 'GET',
    path: '/${name}',
    operationId: 'list${pascal(name)}',
    summary: 'List ${name}',
    tags: ['${name}'],
    scopes: ['system:read'],
    replies: { 200: z.object({ data: z.array(${pascal(name)}Entry) }).meta({ id: '${pascal(name)}List' }) },
    problems: [],
  }),
}
`

const verbsText = (name: string): string => `// ${pascal(name)}: keeps names and lists them.
import type { Principal } from '../auth/contract.ts'
import { toIso } from '../kernel/clock.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { guardRedis } from '../kernel/redis-errors.ts'
import { ${pascal(name)}Entry } from './contract.ts'

export interface ${pascal(name)} {
  /** All entries, by name. */
  list(): Promise<${pascal(name)}Entry[]>
  /** Keeps an entry; one of the same name is replaced. */
  put(principal: Principal, name: string): Promise<${pascal(name)}Entry>
}

/** Entries as JSON, by name; they stay until they are replaced. */
const keyOf = (kernel: Kernel): string => kernel.key('${name}', 'entries')

export const create${pascal(name)} = (kernel: Kernel): ${pascal(name)} => {
  const list = async (): Promise<${pascal(name)}Entry[]> => {
    const texts = Object.values(await kernel.redis.hgetall(keyOf(kernel)))
    return texts.map((text) => ${pascal(name)}Entry.parse(JSON.parse(text))).sort((a, b) => (a.name < b.name ? -1 : 1))
  }
  const put = async (principal: Principal, name: string): Promise<${pascal(name)}Entry> => {
    const entry = { name, kept_by: principal.name, kept_at: toIso(kernel.clock.now()) }
    await kernel.redis.hset(keyOf(kernel), name, JSON.stringify(entry))
    return entry
  }
  return {
    list: () => guardRedis(list(), 'read'),
    put: (principal, name) => guardRedis(put(principal, name)),
  }
}
`

const testText = (name: string): string => `// Entries of ${name} are kept once by name.
import { expect, test } from '../../test/support/fixtures.ts'
import { person } from '../../test/support/rooms.ts'
import { create${pascal(name)} } from './${name}.ts'

test('entries come in the order of their names, and a second one of a name replaces the first', async ({ kernel }) => {
  const room = create${pascal(name)}(kernel)
  for (const name of ['b', 'a', 'b']) await room.put(person({ name: \`keeper of \${name}\` }), name)
  expect((await room.list()).map((entry) => [entry.name, entry.kept_by])).toEqual([
    ['a', 'keeper of a'],
    ['b', 'keeper of b'],
  ])
})
`

const readmeText = (name: string): string => `# ${pascal(name)}

Keeps names and who kept them.

| key | what | lifetime |
| --- | --- | --- |
| \`{k1n}:${name}:entries\` | hash, field = name, value = JSON of the entry | until replaced |
`

const routesText = (name: string): string => `// Routes of ${name}.
import { ${name} as rows } from '../../shared/${name}/contract.ts'
import type { Rooms } from '../../shared/rooms.ts'
import { reply } from '../http/bind.ts'
import type { Bind } from '../http/bind.ts'

export const bind${pascal(name)} = (bind: Bind, { ${name} }: Rooms): void => {
  bind(rows.list, async () => reply(200, { data: await ${name}.list() }))
}
`

const apiTestText = (name: string): string => `// GET /${name}: every status its row names.
import { person } from '../../support/rooms.ts'
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const bearer = (key: string) => ({ headers: { authorization: \`Bearer \${key}\` } })

describe('GET /${name}', () => {
  test('200 lists the entries', async ({ door }) => {
    await door.api.rooms.${camel(name)}.put(person(), 'first')
    const reply = await door.send('GET', '/api/v2/${name}', bearer(await door.keyWith(['system:read'])))
    expect(reply.status).toBe(200)
    expect(reply.json).toMatchObject({ data: [{ name: 'first', kept_by: 'Ada' }] })
  })

  test('403 insufficient-scope without its scope', async ({ door }) => {
    const reply = await door.send('GET', '/api/v2/${name}', bearer(await door.keyWith(['jobs:read'])))
    expectProblem(reply, 403, 'insufficient-scope')
  })
})
`
