// Bundles the API into `dist`: one file in place of some three hundred, which is what its start is spent on (decision 0012).
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const outDir = `${here}dist`

/** A bundled module still finds the files beside its source: scripts for Redis, pages, package.json. */
const sourceUrls = (): Plugin => ({
  name: 'k1n:source-urls',
  enforce: 'pre',
  transform(code, id) {
    if (!code.includes('import.meta.url')) return undefined
    const url = `new URL(${JSON.stringify(relative(outDir, id))}, import.meta.url).href`
    // No line moves, so the map of the sources holds as it is.
    return { code: code.replaceAll('import.meta.url', url), map: null }
  },
})

export default defineConfig({
  root: dirname(here),
  publicDir: false,
  plugins: [sourceUrls()],
  // Of the packages only this one: the rest are few files each once compiled, or find files beside their own.
  ssr: { noExternal: ['zod'] },
  build: {
    ssr: 'api/main.ts',
    outDir,
    emptyOutDir: true,
    target: 'node24',
    minify: false,
    // Stack traces name the lines of the sources (`main.ts`).
    sourcemap: true,
    // All beside each other: a chunk's own URL is what `sourceUrls` counts from.
    rolldownOptions: { output: { entryFileNames: '[name].js', chunkFileNames: '[name].js' } },
  },
})
