// The steps of docs/guides that nothing else would miss: what was made and then not registered, told, tested or shown.
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { groups } from '../dashboard/shell/navigation.ts'
import { routes } from '../dashboard/routes.ts'
import { generated } from '../scripts/generate.ts'
import { kebab } from '../scripts/new/names.ts'
import { SAID } from '../scripts/new/said.ts'
import { catalog } from '../shared/catalog/catalog.ts'
import { services } from '../shared/catalog/services.ts'
import type { AnyKind } from '../shared/catalog/catalog.ts'
import { contract } from '../shared/contract.ts'
import { events } from '../shared/events.ts'
import type { EventKind } from '../shared/kernel/event.ts'
import type { Endpoint } from '../shared/kernel/endpoint.ts'
import { hasPath } from './support/schema-path.ts'
import { checkout, codeIn, pathsIn, testsIn, textOf } from './support/sources.ts'

type Exports = Record<string, unknown>
const isObject = (value: unknown): value is Exports => typeof value === 'object' && value !== null
const isKind = (value: unknown): value is AnyKind => isObject(value) && 'payload' in value && 'serviceOf' in value
const isEvent = (value: unknown): value is EventKind =>
  isObject(value) && 'live' in value && 'data' in value && 'name' in value
const isRow = (value: unknown): value is Endpoint => isObject(value) && 'operationId' in value

/** What the files export, by path and name. */
const exportsOf = async (paths: string[]): Promise<[path: string, name: string, value: unknown][]> => {
  const modules = await Promise.all(
    paths.map(async (path) => [path, (await import(/* @vite-ignore */ join(checkout, path))) as Exports] as const),
  )
  return modules.flatMap(([path, module]) =>
    Object.entries(module).map(([name, value]): [string, string, unknown] => [path, name, value]),
  )
}

/** Where a room keeps its words: its contract, and its facts apart where there are many. */
const isWords = (path: string): boolean => /^shared\/(?!testing)[^/]+\/(contract|events)\.ts$/.test(path)
const contracts = pathsIn('shared').filter(isWords)
const calls = (text: string, name: string): boolean =>
  new RegExp(`\\b${name}\\b`).test(text.replace(/^import[^']*'[^']*'$|^\s*(\/\/|\/?\*).*$/gm, ''))

const kinds: readonly AnyKind[] = Object.values(catalog)

describe('a kind of job', () => {
  test('stands in the catalog when a file of shared/catalog declares it', async () => {
    const declared = await exportsOf(pathsIn('shared/catalog').filter((path) => /^[^.]+\.ts$/.test(path)))
    const known = new Set<unknown>(Object.values(catalog))
    const forgotten = declared.filter(([, , value]) => isKind(value) && !known.has(value))
    expect(forgotten.map(([path, name]) => `${path}: add ${name} to the catalog in shared/catalog/catalog.ts`)).toEqual(
      [],
    )
  })

  test('is performed in a test', () => {
    const tests = testsIn('workers')
    const untested = Object.keys(catalog).filter((name) => !tests.some(({ text }) => text.includes(`'${name}'`)))
    expect(untested.map((name) => `no test names ${name}; add one beside its handler`)).toEqual([])
  })

  test('calls a service that is declared', () => {
    const unknown = kinds.filter(({ service }) => service !== undefined && !services.has(service))
    expect(
      unknown.map(({ name, service }) => `${name}: declare its service ${service} in shared/catalog/services.ts`),
    ).toEqual([])
  })

  test('is searched by paths that its payload has', () => {
    const lost = kinds.flatMap(({ name, payload, indexed }) => {
      const schema = z.toJSONSchema(payload as z.ZodType, { io: 'input', unrepresentable: 'any' })
      return indexed.filter((path) => !hasPath(schema, path.split('.'))).map((path) => `${name}: its payload has no ${path}, which is among indexed`) // prettier-ignore
    })
    expect(lost).toEqual([])
  })
})

describe('an endpoint', () => {
  test('stands in shared/contract.ts when a room declares it', async () => {
    const declared = (await exportsOf(contracts)).filter(
      ([, , value]) => isObject(value) && Object.values(value).some(isRow),
    )
    // A room may have its rows in several files, put together under one name.
    const known = new Set<unknown>(Object.values(contract).flatMap((rows): unknown[] => Object.values(rows)))
    const forgotten = declared.filter(([, , rows]) => !Object.values(rows as Exports).every((row) => known.has(row)))
    expect(forgotten.map(([path, name]) => `${path}: add ${name} to shared/contract.ts`)).toEqual([])
  })

  test('is called in a test of test/api', () => {
    const tests = testsIn('test/api')
    const rows = Object.entries(contract).flatMap(([room, all]) =>
      Object.entries(all as Record<string, Endpoint>).map(([name, row]) => ({ room, name, row })),
    )
    const untested = rows.filter((row) => !tests.some(({ text }) => isCalled(text, row)))
    expect(
      untested.map(({ room, name, row }) => `no test of test/api calls ${room}.${name} (${row.method} ${row.path})`),
    ).toEqual([])
  })

  test('has every problem of its row in the test that is named after it', () => {
    const files = new Map(testsIn('test/api').map(({ path, text }) => [path, text]))
    const rows = Object.entries(contract).flatMap(([room, all]) =>
      Object.entries(all as Record<string, Endpoint>).map(([name, row]) => ({ room, name, row })),
    )
    const untested = rows.flatMap(({ room, name, row }) => {
      const path = `test/api/${room}/${kebab(name)}.test.ts`
      const text = files.get(path)
      return row.problems
        .filter(({ code }) => text?.includes(code) === false)
        .map(({ code }) => `${path}: test ${code}`)
    })
    expect(untested).toEqual([])
  })

  test('belongs to a group that the document describes', () => {
    const { tags } = JSON.parse(generated()['openapi.json'] ?? '{}') as { tags: { name: string }[] }
    const known = new Set(tags.map(({ name }) => name))
    const rows = Object.values(contract).flatMap((all) => Object.values(all as Record<string, Endpoint>))
    const unknown = rows.flatMap((row) => row.tags.filter((tag) => !known.has(tag)).map((tag) => `${row.operationId}: describe the tag ${tag} in scripts/generate.ts`)) // prettier-ignore
    expect(unknown).toEqual([])
  })
})

/** By the typed client, by method and path, or by a path that is named for several calls. */
const isCalled = (text: string, { room, name, row }: { room: string; name: string; row: Endpoint }): boolean => {
  const path = row.path.replaceAll('.', '\\.').replace(/:[a-z_]+/g, '[^/\'"`]+')
  const sent = new RegExp(`${row.method}['"\`],\\s*['"\`](\\S*?)${path}(['"\`?])`)
  const named = new RegExp(`['"\`](\\/api\\/v2)?${path}['"\`?]`)
  return text.includes(`client.${room}.${name}(`) || sent.test(text) || (row.method === 'GET' && named.test(text))
}

describe('an event', () => {
  test('stands in shared/events.ts when a room declares it', async () => {
    const known = new Set<unknown>(events)
    const forgotten = (await exportsOf(contracts)).filter(([, , value]) => isEvent(value) && !known.has(value))
    expect(forgotten.map(([path, name]) => `${path}: add ${name} to shared/events.ts`)).toEqual([])
  })

  test('is appended to the log by some code', async () => {
    const code = codeIn('shared', 'workers', 'api').filter(({ path }) => !isWords(path) && path !== 'shared/events.ts')
    const untold = (await exportsOf(contracts)).filter(
      ([, name, value]) => isEvent(value) && !code.some(({ text }) => calls(text, name)),
    )
    expect(untold.map(([, name]) => `nothing tells ${name}: append it where it happens`)).toEqual([])
  })
})

describe('a page', () => {
  const folders = pathsIn('dashboard/pages')
    .filter((path) => path.endsWith('/page.svelte'))
    .map((path) => path.slice('dashboard/'.length, -'/page.svelte'.length))

  test('is loaded by dashboard/routes.ts', () => {
    // Signing in comes before there are routes.
    const places = [textOf('dashboard/routes.ts'), textOf('dashboard/shell/App.svelte')]
    const unreachable = folders.filter((folder) => !places.some((text) => text.includes(`${folder}/page.svelte`)))
    expect(unreachable.map((folder) => `dashboard/${folder}: add it to dashboard/routes.ts`)).toEqual([])
  })

  test('is found through the navigation', () => {
    const covered = new Set<string>(groups.flatMap(({ entries }) => entries.flatMap(({ covers }) => covers)))
    // The gallery is for those who build pages.
    const hidden = Object.keys(routes).filter((name) => name !== 'gallery' && !covered.has(name))
    expect(
      hidden.map((name) => `${name}: put an entry into a group, or cover it by one, in dashboard/shell/navigation.ts`),
    ).toEqual([])
  })

  test('has its logic in a model with a test', () => {
    const files = new Set(pathsIn('dashboard/pages'))
    const wanted = folders.flatMap((folder) => [`dashboard/${folder}/model.ts`, `dashboard/${folder}/model.test.ts`])
    expect(wanted.filter((path) => !files.has(path)).map((path) => `${path} is missing`)).toEqual([])
  })
})

const isUnsaid = (words: string): boolean => words.trim() === ''

test('what is made is described in words of its own', () => {
  const rows = Object.values(contract).flatMap((all) => Object.values(all as Record<string, Endpoint>))
  const left = [
    ...kinds.filter(({ summary }) => isUnsaid(summary) || summary === SAID.handler),
    ...events.filter(({ description }) => isUnsaid(description) || description.startsWith(SAID.event)),
    ...rows
      .filter(({ summary }) => isUnsaid(summary) || summary === SAID.endpoint)
      .map(({ operationId }) => ({ name: operationId })),
  ]
  expect(left.map(({ name }) => `${name}: say what it is; nothing is said of it, or what npm run new says`)).toEqual([])
})

describe('a room', () => {
  test('is put together somewhere: its factory is called outside its folder', () => {
    const code = codeIn('shared', 'workers', 'api', 'scripts')
    const factories = code.flatMap(({ path, text }) => {
      const [, room = '', file = ''] = /^shared\/([a-z]+)\/([a-z]+)\.ts$/.exec(path) ?? []
      const made = /export const (create[A-Z]\w*)/.exec(text)?.[1]
      return room !== '' && room === file && made !== undefined ? [{ room, made }] : []
    })
    expect(factories.length).toBeGreaterThan(5)
    const idle = factories.filter(
      ({ room, made }) => !code.some(({ path, text }) => !path.startsWith(`shared/${room}/`) && calls(text, made)),
    )
    expect(idle.map(({ room, made }) => `nobody calls ${made}: add ${room} to shared/rooms.ts`)).toEqual([])
  })
})
