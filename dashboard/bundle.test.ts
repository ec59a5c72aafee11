// What a visitor must fetch, weighed as it is sent.
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'

const dist = new URL('dist/', import.meta.url)
const manifestFile = new URL('.vite/manifest.json', dist)

interface Chunk {
  file: string
  css?: string[]
  imports?: string[]
  dynamicImports?: string[]
}

const manifest = ((): Record<string, Chunk> => {
  if (!existsSync(manifestFile)) throw new Error('the dashboard is not bundled: `npm run bundle` does that')
  return JSON.parse(readFileSync(manifestFile, 'utf8')) as Record<string, Chunk>
})()

const SHELL = 'index.html'
const OVERVIEW = 'pages/overview/page.svelte'

const weights = new Map<string, number>()
/** Bytes of a file as the API sends it. */
const weigh = (file: string): number => {
  const known = weights.get(file)
  if (known !== undefined) return known
  const weight = gzipSync(readFileSync(new URL(file, dist)), { level: 9 }).length
  weights.set(file, weight)
  return weight
}
const sum = (files: Iterable<string>): number => [...files].reduce((bytes, file) => bytes + weigh(file), 0)

/** Chunks that come with these. */
const closure = (...keys: string[]): Set<string> => {
  const found = new Set<string>()
  const add = (key: string): void => {
    if (found.has(key)) return
    found.add(key)
    for (const next of manifest[key]?.imports ?? []) add(next)
  }
  keys.forEach(add)
  return found
}
const chunksOf = (keys: Iterable<string>): Chunk[] => [...keys].flatMap((key) => manifest[key] ?? [])
const scripts = (keys: Iterable<string>): Set<string> => new Set(chunksOf(keys).map(({ file }) => file))
const sheets = (keys: Iterable<string>): Set<string> => new Set(chunksOf(keys).flatMap(({ css = [] }) => css))

/** What the first page loads, with what it fetches by itself once it is there. */
const first = closure(SHELL, OVERVIEW, ...(manifest[OVERVIEW]?.dynamicImports ?? []))
const pages = Object.keys(manifest).filter((key) => /^pages\/[^/]+\/page\.svelte$/.test(key))

test('the first page is at most 95 kB of scripts, 14 kB of styles and 52 kB of fonts for English', () => {
  expect(sum(scripts(first))).toBeLessThanOrEqual(95_000)
  expect(sum(sheets(first))).toBeLessThanOrEqual(14_000)
  const latin = readdirSync(new URL('assets/', dist)).filter((file) => /-latin-wght-normal.*\.woff2$/.test(file))
  expect(latin).toHaveLength(2)
  expect(sum(latin.map((file) => `assets/${file}`))).toBeLessThanOrEqual(52_000)
})

/** What these bring beside what is there already. */
const added = (keys: readonly string[], there: ReadonlySet<string>): number =>
  sum([...scripts(closure(...keys))].filter((file) => !there.has(file)))

test('no other page adds more than 30 kB of scripts to that', () => {
  const there = scripts(first)
  expect(pages.length).toBeGreaterThan(20)
  const heavy = pages.filter((page) => added([page], there) > 30_000)
  expect(heavy.map((page) => `${page}: ${added([page], there)} bytes`)).toEqual([])
})

test('no part that a page fetches when it is needed is more than 62 kB', () => {
  const heavy = pages.flatMap((page) => {
    const own = closure(SHELL, page)
    const parts = chunksOf(own).flatMap(({ dynamicImports = [] }) => dynamicImports)
    return parts
      .map((part) => ({ part, bytes: added([part], scripts(own)) }))
      .filter(({ part, bytes }) => !pages.includes(part) && bytes > 62_000)
      .map(({ part, bytes }) => `${part} of ${page}: ${bytes} bytes`)
  })
  expect(heavy).toEqual([])
})

test('nothing is fetched from anywhere else', () => {
  const elsewhere =
    /(?:src|href)="(?:https?:)?\/\/|url\(["']?(?:https?:)?\/\/|@import\s+["'](?:https?:)?\/\/|import\(["'`](?:https?:)?\/\//
  const all = readdirSync(fileURLToPath(dist), { recursive: true, encoding: 'utf8' })
  const read = all.filter((file) => /\.(js|css|html)$/.test(file))
  expect(read.length).toBeGreaterThan(20)
  expect(read.filter((file) => elsewhere.test(readFileSync(new URL(file, dist), 'utf8')))).toEqual([])
})
