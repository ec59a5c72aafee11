// The README says what is so: settings with their defaults, commands, links, and the test command that CI runs.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { Settings } from '../shared/kernel/config.ts'
import { checkout, codeIn, pathsIn, textOf } from './support/sources.ts'

const readme = textOf('README.md')
const scripts = (JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }).scripts
const guides = pathsIn('docs/guides').filter((path) => path.endsWith('.md'))
const pages = ['README.md', 'docs/architecture.md', 'docs/states.md', ...guides]

const cells = (line: string): string[] =>
  line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())

describe('the settings', () => {
  test('in the README are those of the code, with their defaults and meanings', () => {
    const defaults = z.toJSONSchema(Settings, { io: 'input', unrepresentable: 'any' }).properties ?? {}
    const declared = Object.entries(Settings.shape).map(([name, schema]) => {
      const property = defaults[name]
      const fallback: unknown = typeof property === 'object' ? property.default : undefined
      const isShown = (typeof fallback === 'string' && fallback !== '') || typeof fallback === 'number'
      const shown = isShown ? `\`${fallback}\`` : '–'
      return [`\`${name}\``, shown, schema.description]
    })
    const table = readme.split('\n').filter((line) => /^\| `[A-Z0-9_]+` /.test(line))
    expect(table.map(cells)).toEqual(declared)
  })

  test('of the compose file are settings, or said to be only there', () => {
    const compose = textOf('docker-compose.yml')
    const { 'x-settings': own } = parse(compose, { merge: true }) as { 'x-settings': Record<string, unknown> }
    const asked = [...compose.matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name = '']) => name)
    const unknown = [...Object.keys(own), ...asked].filter((name) => !(name in Settings.shape))
    expect(unknown.filter((name) => !readme.includes(`\`${name}\``))).toEqual([])
  })
})

describe('commands', () => {
  test('of npm that a page names are scripts', () => {
    const named = pages.flatMap((page) =>
      [...textOf(page).matchAll(/\bnpm (?:run (?:-s )?([a-z][\w:-]*)|(start|test)\b)/g)].map(
        ([, run, own]) => [page, run ?? own ?? ''] as const,
      ),
    )
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(([, script]) => !(script in scripts))).toEqual([])
  })

  test('for testing are the same in the README and in CI', () => {
    expect(readme).toMatch(/^npm test {2,}#/m)
    expect(textOf('.ci/run')).toMatch(/^exec npm test$/m)
  })
})

describe('links', () => {
  test.each(pages)('of %s lead to files that are there', (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, to = '']) => to)
    const broken = links.filter((to) => !/^https?:/.test(to) && !existsSync(join(checkout, dirname(page), to)))
    expect(broken).toEqual([])
  })

  test('from the README reach every guide', () => {
    expect(guides.filter((guide) => !readme.includes(guide))).toEqual([])
  })

  test('to a heading of a page lead to one', () => {
    const anchors = pages.flatMap((page) =>
      [...textOf(page).matchAll(/\]\(([^)#\s]*\.md)?#([^)]+)\)/g)].map(([, to, anchor = '']) => ({
        page,
        anchor,
        file: to === undefined ? page : join(dirname(page), to),
      })),
    )
    const slug = (heading: string): string =>
      heading
        .toLowerCase()
        .replace(/[^\p{L}\p{N} -]/gu, '')
        .replaceAll(' ', '-')
    const headings = (file: string): string[] => [...readFileSync(join(checkout, file), 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading)) // prettier-ignore
    expect(anchors.filter(({ file, anchor }) => !headings(file).includes(anchor))).toEqual([])
  })
})

test('the table of the benchmarks has every row, with the bars it is held to', () => {
  const table = textOf('docs/guides/benchmarks.md').split('\n').map(cells)
  const rows = pathsIn('scripts/bench/rows').map((path) => textOf(path))
  expect(rows.length).toBeGreaterThan(5)
  const missing = rows.flatMap((row) => {
    const id = /^ {2}id: '(\w+)',$/m.exec(row)?.[1]
    const must = table.find(([first]) => first === id)?.[2] ?? ''
    const bars = [...row.matchAll(/must: \{ at(Most|Least): ([\d.]+) \}/g)]
    const texts = bars.map(([, way, bar = '']) => `${way === 'Most' ? '≤' : '≥'} ${bar}`)
    return ['', ...texts].filter((text) => !(must && must.includes(text))).map((text) => `${id ?? ''} ${text}`)
  })
  expect(missing).toEqual([])
})

describe('the house plan', () => {
  const plan = textOf('docs/architecture.md')
  const code = codeIn('shared', 'api', 'workers')

  test('tells of every room', () => {
    const rooms = new Set(pathsIn('shared').flatMap((path) => /^shared\/([a-z]+)\//.exec(path)?.[1] ?? []))
    expect([...rooms].filter((room) => room !== 'kernel' && !plan.includes(`| \`${room}\` `))).toEqual([])
  })

  test('tells of every key in Redis that the code names', () => {
    const keys = code.flatMap(({ path, text }) =>
      [...text.matchAll(/kernel\.key\(\s*((?:'[a-z]+'(?:,\s*)?)+)/g)].map(([, words = '']) => ({
        path,
        key: `{k1n}:${[...words.matchAll(/'([a-z]+)'/g)].map(([, word]) => word).join(':')}`,
      })),
    )
    expect(keys.length).toBeGreaterThan(15)
    // The secret of cursors is derived from a name, which is no key.
    expect(keys.filter(({ key }) => key !== '{k1n}:cursor' && !plan.includes(key))).toEqual([])
  })

  test('tells of every field that is ours in a hash of BullMQ', () => {
    const fields = new Set(code.concat(luaOf()).flatMap(({ text }) => text.match(/\bk1n[A-Z][A-Za-z]*/g) ?? []))
    expect([...fields].filter((field) => !plan.includes(`\`${field}\``))).toEqual([])
  })
})

const luaOf = () =>
  ['shared', 'workers']
    .flatMap(pathsIn)
    .filter((path) => path.endsWith('.lua'))
    .map((path) => ({ path, text: textOf(path) }))
