// Makes an endpoint: its row in the contract of its room, the room's verb, the line that binds the two, and a test.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { addBefore, addToBlock, ensureImport, ensureType } from './edit.ts'
import { camel, kebab, mustBe, pascal } from './names.ts'
import { Refusal, textOf } from './plan.ts'
import { SAID } from './said.ts'
import type { Maker } from './plan.ts'

interface Wanted {
  room: string
  /** Name of the row and of the verb. */
  row: string
  method: string
  path: string
  /** Parameters of the path, in their order. */
  params: readonly string[]
}

/** `queues.oldest`, then method and path where they are not `GET /<room>/<row>`. */
export const endpoint: Maker = (root, [given, method = 'GET', given_path]) => {
  const [room = '', row = ''] = mustBe(/^[a-z][A-Za-z0-9]*\.[a-z][A-Za-z0-9]*$/, given, 'queues.oldest').split('.')
  const path = mustBe(/^(\/[a-z0-9-]+|\/:[a-z_]+)+$/, given_path ?? `/${room}/${kebab(row)}`, '/queues/:queue/oldest')
  if (!['GET', 'POST', 'PUT', 'PATCH', 'DELETE'].includes(method)) throw new Refusal(`${method} is no method`)
  const wanted = { room, row, method, path, params: [...path.matchAll(/:([a-z_]+)/g)].map(([, name = '']) => name) }
  const [contract, verbs] = [`shared/${room}/contract.ts`, `shared/${room}/${room}.ts`]
  if (!existsSync(join(root, contract)))
    throw new Refusal(`there is no room ${room}; make it first: npm run new room ${room}`)
  if (!existsSync(join(root, verbs)))
    throw new Refusal(`${verbs} is not there; add the row by hand, as docs/guides/add-an-endpoint.md says`)
  if (new RegExp(`\\b${row}: endpoint\\(|path: '${path}'[^}]*?`).test(rowsNamed(textOf(root, contract), wanted)))
    throw new Refusal(
      `${contract} has the row ${row}, or ${method} ${path}, already; take another name, or change what is there`,
    )
  if (given_path === undefined) refuseHiding(textOf(root, contract), wanted)
  const routes = routesOf(root, room)
  return {
    files: { [`test/api/${room}/${kebab(row)}.test.ts`]: testText(wanted, scopesOf(textOf(root, contract), wanted)) },
    edits: {
      [contract]: (text) => withRow(text, wanted, contract),
      [verbs]: (text) => withVerb(text, wanted, verbs),
      [routes]: (text) => withBinding(text, wanted, routes),
    },
    next: [
      `say in ${contract} what goes in, what comes out and which problems it may answer`,
      `write the verb into ${verbs}`,
      `test every status the row names in test/api/${room}`,
      'use it in scripts/bench/api-uses',
      'npm run format && npm run generate && npm test test/api/access -- -u && npm run check',
      `npm test test/api/${room} test/contract test/steps scripts/bench/api-uses`,
    ],
  }
}

/** `GET /queues/gentle` beside `GET /queues/:queue` would take the place of a queue called gentle. */
const refuseHiding = (text: string, { room, row, method, path }: Wanted): void => {
  const rows = text.split(/(?=\b\w+: endpoint\()/).filter((each) => each.includes(`method: '${method}'`))
  const [param] = rows.flatMap((each) => new RegExp(`path: '/${room}/:([a-z_]+)'`).exec(each)?.[1] ?? [])
  if (param !== undefined)
    throw new Refusal(
      `${path} would hide what is called ${kebab(row)} at /${room}/:${param}; give method and path: npm run new endpoint ${room}.${row} ${method} /${room}/:${param}/${kebab(row)}`,
    )
}

/** The part of a contract that a row of this name or place would stand in; empty when there is none. */
const rowsNamed = (text: string, { row, method, path }: Wanted): string => {
  const rows = text.split(/(?=\b\w+: endpoint\()/)
  return (
    rows.find(
      (each) =>
        each.startsWith(`${row}: endpoint(`) ||
        (each.includes(`method: '${method}'`) && each.includes(`path: '${path}'`)),
    ) ?? ''
  )
}

/** The file that binds the rows of a room. */
const routesOf = (root: string, room: string): string => {
  const files = readdirSync(join(root, 'api/routes')).map((name) => `api/routes/${name}`)
  const found = files.find((file) => textOf(root, file).includes(`from '../../shared/${room}/contract.ts'`))
  if (found === undefined) throw new Refusal(`no file in api/routes binds the rows of ${room}`)
  return found
}

const schemaOf = ({ room, row }: Wanted): string => pascal(`${room}.${row}`)
const wordsOf = (room: string): string => (room === 'jobs' ? './words.ts' : '../jobs/words.ts')

/** What a new row is asked for: the scopes and tags of the room's rows of the same method, else of its first. */
const memberOf = (text: string, member: 'scopes' | 'tags', method: string): string => {
  const rows = text.split(/(?=\b\w+: endpoint\()/).slice(1)
  const alike = [...rows.filter((each) => each.includes(`method: '${method}'`)), ...rows, text]
  return (
    alike.map((each) => new RegExp(`\\b${member}: (\\[[^\\]]*\\]|'public')`).exec(each)?.[1]).find((found) => found) ??
    '[]'
  )
}
const scopesOf = (text: string, { method }: Wanted): string => memberOf(text, 'scopes', method)

const paramWords: Readonly<Record<string, string>> = { queue: 'QueueName', task_id: 'TaskId' }
const paramSchema = (name: string): string => paramWords[name] ?? 'cleanText(1, 128)'

const withRow = (text: string, wanted: Wanted, file: string): string => {
  const { room, params } = wanted
  const words = ['Instant', ...params.map((name) => paramSchema(name).replace(/\(.*/, ''))]
  const imported = words.reduce((done, word) => ensureImport(done, word, wordsOf(room)), text)
  const members = params.map((name) => `${name}: z.string(), `).join('')
  const schema = `/** What \`${wanted.row}\` answers. */
export const ${schemaOf(wanted)} = z.object({ ${members}asked_by: z.string(), asked_at: Instant }).meta({ id: '${schemaOf(wanted)}' })
export type ${schemaOf(wanted)} = z.output<typeof ${schemaOf(wanted)}>`
  const rows = `export const ${camel(room)} = {`
  return addToBlock(addBefore(imported, rows, schema, file), rows, rowText(text, wanted), file)
}

const rowText = (text: string, wanted: Wanted): string => {
  const params = wanted.params.map((name) => `${name}: ${paramSchema(name)}`).join(', ')
  return `  ${wanted.row}: endpoint({
    method: '${wanted.method}',
    path: '${wanted.path}',
    operationId: '${camel(`${wanted.room}.${wanted.row}`)}',
${wanted.method === 'GET' ? '' : `    changes: 'nothing',\n`}    summary: '${SAID.endpoint}',
    tags: ${memberOf(text, 'tags', wanted.method)},
    scopes: ${scopesOf(text, wanted)},
${params === '' ? '' : `    params: z.object({ ${params} }),\n`}    replies: { 200: ${schemaOf(wanted)} },
    problems: [],
  }),`
}

const withVerb = (text: string, wanted: Wanted, file: string): string => {
  const { room, row, params } = wanted
  const takes = params.map((name) => `, ${camel(name)}: string`).join('')
  const given = params.map((name) => `, ${camel(name)}`).join('')
  const members = params.map((name) => `${name}: ${camel(name)}, `).join('')
  const imported = ensureType(
    ensureType(ensureImport(text, 'toIso', '../kernel/clock.ts'), 'Principal', '../auth/contract.ts'),
    schemaOf(wanted),
    './contract.ts',
  )
  const promised = addToBlock(
    imported,
    `export interface ${pascal(room)} {`,
    `  /** Who asks, and when. */\n  ${row}(principal: Principal${takes}): Promise<${schemaOf(wanted)}>`,
    file,
  )
  const verb = `    ${row}: async (principal${given}) => ({ ${members}asked_by: principal.name, asked_at: toIso(kernel.clock.now()) }),`
  return addToBlock(promised, '\n  return {', verb, file)
}

const withBinding = (text: string, wanted: Wanted, file: string): string => {
  const { room, row, params } = wanted
  const names =
    new RegExp(`import \\{([^}]*)\\} from '\\.\\./\\.\\./shared/${room}/contract\\.ts'`).exec(text)?.[1] ?? ''
  const rows = new RegExp(`\\b${camel(room)}(?: as (\\w+))?`).exec(names)
  if (rows === null) throw new Refusal(`${file} imports no rows of ${room}`)
  const given = params.map((name) => `, params.${name}`).join('')
  const taken = params.length === 0 ? '{ principal }' : '{ principal, params }'
  const line = `  bind(${rows[1] ?? camel(room)}.${row}, async (${taken}) => reply(200, await ${camel(room)}.${row}(principal${given})))`
  return addToBlock(text, /export const bind\w+ = \([\s\S]*?\): void => \{/, line, file)
}

const testText = (wanted: Wanted, scopes: string): string => {
  const { method, path, params } = wanted
  const url = `/api/v2${path.replace(/:[a-z_]+/g, 'mail')}`
  const members = params.map((name) => `${name}: 'mail', `).join('')
  return `// ${method} ${path}: every status its row names.
import { describe, expect, expectProblem, test } from '../fixtures.ts'

const bearer = (key: string) => ({ headers: { authorization: \`Bearer \${key}\` } })

describe('${method} ${path}', () => {
  test('200 tells who asks and when', async ({ door }) => {
    const reply = await door.send('${method}', '${url}', bearer(await door.keyWith(${scopes.startsWith('[') && scopes !== '[]' ? scopes : `['docs:read']`})))
    expect(reply.status).toBe(200)
    expect(reply.json).toEqual({ ${members}asked_by: 'test', asked_at: expect.any(String) as string })
  })
${scopes.startsWith('[') && scopes !== '[]' ? refusalText(wanted, url) : ''}
})
`
}

const refusalText = ({ method }: Wanted, url: string): string => `
  test('403 insufficient-scope without its scope', async ({ door }) => {
    const reply = await door.send('${method}', '${url}', bearer(await door.keyWith(['docs:read'])))
    expectProblem(reply, 403, 'insufficient-scope')
  })`
