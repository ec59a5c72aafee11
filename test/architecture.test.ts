// Who may import whom. Doors use rooms, rooms use the kernel, the dashboard knows words only; every offence is named.
import { readFileSync, readdirSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

interface Source {
  file: string
  text: string
}
interface Import {
  /** A path in the repository, or the name of a package. */
  what: string
  typeOnly: boolean
}

const sourcesIn = (folder: string): Source[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(ts|mjs|svelte)$/.test(name) && !name.includes('node_modules') && !name.startsWith('dist/'))
    .map((name) => ({ file: join(folder, name), text: readFileSync(join(root, folder, name), 'utf8') }))

/** Tests, and the kits tests are written with: they may drive everything. */
const isTest = (file: string): boolean => /\.(test|long\.test|conformance)\.ts$|^(shared|workers)\/testing\//.test(file)

const importsOf = ({ file, text }: Source): Import[] => {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
  const found = [
    ...code.matchAll(
      /(?:^|\n)\s*(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g,
    ),
  ]
  return found.map(([, type, fixed, lazy]) => ({
    what: locate(file, fixed ?? lazy ?? ''),
    typeOnly: type !== undefined,
  }))
}

const locate = (file: string, what: string): string =>
  what.startsWith('.') ? relative(root, normalize(join(root, dirname(file), what))) : what

/** Contracts and the words they share: what a page may know. */
const isWords = (path: string): boolean =>
  /^shared\/(?!testing)[a-z]+\/(?:[a-z]+-)?(contract|events|words|problems)\.ts$/.test(path) ||
  path === 'shared/retries/policy.ts' ||
  path === 'shared/schedules/definition.ts' ||
  path === 'shared/services/budget-shape.ts' ||
  path === 'shared/contract.ts' ||
  path === 'shared/events.ts'
const isOurs = (path: string): boolean => /^(shared|api|workers|dashboard|scripts|test)\//.test(path)
const kernelForWords = ['data-filter', 'endpoint', 'event', 'problem', 'problems', 'page', 'client'].map(
  (name) => `shared/kernel/${name}.ts`,
)

interface Rule {
  says: string
  applies: (file: string) => boolean
  allows: (what: string, use: Import) => boolean
}

const rules: Rule[] = [
  {
    says: 'the kernel imports nothing of ours',
    applies: (file) => file.startsWith('shared/kernel/') && !isTest(file),
    allows: (what) => !isOurs(what) || what.startsWith('shared/kernel/'),
  },
  {
    says: 'contracts import zod, the kernel, and other contracts and words only',
    applies: isWords,
    allows: (what) => what === 'zod' || isWords(what) || kernelForWords.includes(what),
  },
  {
    says: 'rooms import rooms and the kernel, never a door',
    applies: (file) => file.startsWith('shared/') && !isTest(file),
    allows: (what) => !isOurs(what) || what.startsWith('shared/'),
  },
  {
    says: 'rooms know no HTTP server and no page',
    applies: (file) => file.startsWith('shared/') && !isTest(file),
    allows: (what) => !/^(koa|@koa\/|svelte|ws$|@bull-board\/|koa-ratelimit)/.test(what),
  },
  {
    says: 'only the rooms that own BullMQ know it: bullmq, and the types of jobs it hands over',
    applies: (file) => file.startsWith('shared/') && !isTest(file),
    allows: (what, { typeOnly }) => what !== 'bullmq' || typeOnly,
  },
  {
    says: 'the API imports rooms and the kernel, never another door',
    applies: (file) => file.startsWith('api/') && !isTest(file),
    allows: (what) => !isOurs(what) || /^(shared|api)\//.test(what),
  },
  {
    says: 'workers import rooms and the kernel, never another door',
    applies: (file) => file.startsWith('workers/') && !isTest(file),
    allows: (what) => !isOurs(what) || /^(shared|workers)\//.test(what),
  },
  {
    says: "the dashboard imports words and the kernel's client only, and words as types unless they are plain values",
    applies: (file) => file.startsWith('dashboard/') && !isTest(file),
    allows: (what) => !isOurs(what) || what.startsWith('dashboard/') || isWords(what) || kernelForWords.includes(what),
  },
  {
    // Scripts that run tests, faults and benchmarks use what these are made of.
    says: 'nothing but a test imports tests',
    applies: (file) => !/^(test|scripts)\//.test(file) && !isTest(file),
    allows: (what) => !what.startsWith('test/') && !isTest(what),
  },
]

/** The rooms that may use BullMQ's own classes; waiting for children goes through BullMQ's own. */
const ownsBullMq = /^shared\/(bullmq\/|attempts\/children\.ts)/

const offences = (sources: Source[], rule: Rule): string[] =>
  sources
    .filter(({ file }) => rule.applies(file))
    .flatMap((source) =>
      importsOf(source)
        .filter((use) => !rule.allows(use.what, use))
        .map((use) => `${source.file} imports ${use.what}`),
    )

const all = ['shared', 'api', 'workers', 'dashboard', 'scripts'].flatMap(sourcesIn)

describe('who may import whom', () => {
  test.each(rules.map((rule) => [rule.says, rule] as const))('%s', (_says, rule) => {
    const found = offences(all, rule)
    expect(
      rule.says.startsWith('only the rooms that own BullMQ') ? found.filter((line) => !ownsBullMq.test(line)) : found,
    ).toEqual([])
  })

  test.each<[string, string, string]>([
    ['shared/kernel/x.ts', "import { a } from '../jobs/contract.ts'", 'the kernel'],
    ['shared/jobs/contract.ts', "import type { K } from '../kernel/kernel.ts'", 'contracts import'],
    ['shared/jobs/x.ts', "import { a } from '../../api/http/bind.ts'", 'rooms import'],
    ['shared/jobs/x.ts', "import Koa from 'koa'", 'rooms know'],
    ['shared/jobs/x.ts', "import { Queue } from 'bullmq'", 'only the rooms'],
    ['api/x.ts', "const a = await import('../workers/main.ts')", 'the API'],
    ['workers/x.ts', "export { a } from '../api/app.ts'", 'workers import'],
    ['dashboard/pages/x.svelte', "import { createJobs } from '../../shared/jobs/jobs.ts'", 'the dashboard'],
    ['shared/jobs/x.ts', "import { test } from '../../test/support/fixtures.ts'", 'nothing but a test'],
  ])('an offence in %s is found: %s', (file, text, says) => {
    const found = rules.filter((rule) => rule.says.startsWith(says)).flatMap((rule) => offences([{ file, text }], rule))
    expect(found).toHaveLength(1)
    expect(found[0]).toContain(file)
  })
})

describe('how files are', () => {
  test('each opens with a sentence that says what it is about', () => {
    const silent = all
      .filter(
        ({ file, text }) =>
          /\.(ts|mjs)$/.test(file) && !isTest(file) && !/^(#!.*\n)?(\/\/ @ts-check\n)?\/\/ \S/.test(text),
      )
      .map(({ file }) => file)
    expect(silent).toEqual([])
  })

  // 300 is what a person reads in one go; tables of endpoints and components with their styles may be longer.
  test('none of code is longer than 380 lines', () => {
    const long = all
      .filter(({ file }) => file.endsWith('.ts') && !isTest(file) && !isWords(file))
      .map(({ file, text }) => ({ file, lines: text.split('\n').length }))
    expect(long.filter(({ lines }) => lines > 380)).toEqual([])
  })

  test('rooms do not speak of HTTP statuses', () => {
    const speaking = all
      .filter(
        ({ file, text }) =>
          /^shared\/(?!kernel\/|outbound\/|testing\/)/.test(file) &&
          !isTest(file) &&
          /\bctx\.(status|body)\b|res\.setHeader/.test(text),
      )
      .map(({ file }) => file)
    expect(speaking).toEqual([])
  })
})

test('every script for Redis is named in full where it is read, so that the bundle of the API can take it in', () => {
  const sources = [...sourcesIn('shared'), ...sourcesIn('api')].filter(({ file }) => !isTest(file))
  const named = sources.flatMap(({ file, text }) =>
    text
      .split('\n')
      .flatMap((line) => (/^(?!\s*(\/\/|\/?\*)).*\.lua['"`]/.test(line) ? [{ file, line: line.trim() }] : [])),
  )
  expect(named.length).toBeGreaterThan(30)
  expect(named.filter(({ line }) => !/new URL\('\.{1,2}\/[^']+\.lua', import\.meta\.url\)/.test(line))).toEqual([])
})
