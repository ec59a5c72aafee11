// Bundles the dashboard into `dist`: hashed assets, nothing inline, so that the strict content policy holds.
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'
import { contract } from '../shared/contract.ts'
import type { Endpoint } from '../shared/kernel/endpoint.ts'
import { UNCALLED } from './data/uncalled.ts'

/** Asks the browser for the text font while the scripts still load; the name is only known after hashing. */
const preloadTextFont = (): Plugin => ({
  name: 'k1n:preload-text-font',
  transformIndexHtml: {
    order: 'post',
    handler: (_html, { bundle }) =>
      Object.keys(bundle ?? {})
        .filter((file) => /hyperlegible-next-latin-wght-normal.*\.woff2$/.test(file))
        .map((file) => ({
          tag: 'link',
          attrs: { rel: 'preload', as: 'font', type: 'font/woff2', href: `./${file}`, crossorigin: true },
          injectTo: 'head' as const,
        })),
  },
})

const uncalled: Readonly<Record<string, readonly string[]>> = UNCALLED
const paths = Object.fromEntries(
  Object.entries(contract).map(([room, rows]) => [
    room,
    Object.fromEntries(
      (Object.entries(rows) as [string, Endpoint][])
        .filter(([name]) => !uncalled[room]?.includes(name))
        .map(([name, { method, path, at }]) => [name, [method, path, at].join(' ').trim()]),
    ),
  ]),
)

/** Gives the bundle the methods and paths of what is called, as `GET /jobs`, and as `POST /auth/login root` where it is no part of the
 *  API, without their schemas, which would weigh more than the rest together. */
const contractRoutes = (): Plugin => ({
  name: 'k1n:contract-routes',
  resolveId: (id) => (id === 'virtual:k1n-routes' ? `\0${id}` : undefined),
  load: (id) => (id === '\0virtual:k1n-routes' ? `export default ${JSON.stringify(paths)}` : undefined),
})

/** A page is a handful of files: what every page needs, what many do, and its own. Left to itself each part of `ui` becomes a file,
 *  and a page of thirty of them waits longer for its requests than for its bytes. What few pages share is put together only while it
 *  is small: a larger threshold makes the first page carry a fifth more, of pages nobody opened. */
const chunks = [
  { name: 'frame', tags: ['$initial' as const], priority: 2 },
  // Shown by many pages, and not by the first one, which would carry it otherwise.
  { name: 'json', test: /\/ui\/json\//, priority: 2 },
  { name: 'common', minShareCount: 8, priority: 1 },
  { name: 'shared', minShareCount: 2, entriesAware: true, entriesAwareMergeThreshold: 2_000 },
]

/** What is shared is named after all that share it, which says little: each of them is a page. */
const brief = (name: string): string => (name.startsWith('shared~') ? 'shared' : '[name]')

/** Where `npm run dev` of the dashboard finds the API; production serves both from one origin. */
const api = process.env['K1N_API_URL'] ?? 'http://127.0.0.1:3000'
const proxied = Object.fromEntries(
  ['/api', '/auth', '/hooks', '/livez', '/readyz', '/healthz'].map((path) => [path, api]),
)

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  plugins: [svelte(), contractRoutes(), preloadTextFont()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // A data: URL would need font-src or script-src to be wider than 'self'.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: { groups: chunks },
        // The first page carries the names of all files, and hashes do not compress.
        chunkFileNames: ({ name }) => `assets/${brief(name)}-[hash:7].js`,
        assetFileNames: ({ names }) => `assets/${brief(names[0] ?? '')}-[hash:5][extname]`,
      },
    },
    reportCompressedSize: true,
    // Which file needs which: `bundle.test.ts` weighs pages by it.
    manifest: true,
  },
  server: { proxy: { ...proxied, '/api': { target: api, ws: true } } },
})
