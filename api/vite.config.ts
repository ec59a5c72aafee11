// Bundles the API into `dist`: few files in place of some three hundred, which is what its start is spent on (decision 0012).
import { readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, type Plugin } from 'vite'

const here = fileURLToPath(new URL('.', import.meta.url))
const outDir = join(here, 'dist')

/** Takes the scripts for Redis in, as the code that calls them belongs to one version of them. */
const bundleScripts = (code: string, id: string): string =>
  code.replaceAll(/new URL\('(\.{1,2}\/[^']+\.lua)', import\.meta\.url\)/g, (_, path: string) => {
    const text = readFileSync(join(dirname(id), path)).toString('base64')
    return `new URL('data:text/x-lua;base64,${text}')`
  })

/** What is large when it is imported as a module, which reads all of it: `http` has a client for the web, and the router imports
 *  `http`. */
const LARGE = /^import (?:\{ ([^}\n]*) \}|(\w+)) from '(node:(?:http|util)|@koa\/router)'/gm

/** Takes what is used of them and leaves the rest unread. */
const takeOnly = (code: string): string =>
  code.replaceAll(LARGE, (_, names: string | undefined, main: string | undefined, name: string) => {
    const whole = name.startsWith('node:')
      ? `process.getBuiltinModule('${name}')`
      : `process.getBuiltinModule('node:module').createRequire(import.meta.url)('${name}')`
    const taken = names?.replaceAll(' as ', ': ') ?? `default: ${main ?? ''}`
    return `const { ${taken} } = ${whole}`
  })

/** A bundled module still finds the other files beside its source: pages, documents, package.json. */
const keepUrls = (code: string, id: string): string =>
  code.replaceAll('import.meta.url', `new URL(${JSON.stringify(relative(outDir, id))}, import.meta.url).href`)

const change = (name: string, of: string, work: (code: string, id: string) => string): Plugin => ({
  name,
  enforce: 'pre',
  // No line moves, so the map of the sources holds as it is.
  transform: (code, id) => (code.includes(of) ? { code: work(code, id), map: null } : undefined),
})

export default defineConfig({
  root: dirname(here),
  publicDir: false,
  plugins: [
    change('k1n:files-beside-sources', 'import.meta.url', (code, id) => keepUrls(bundleScripts(code, id), id)),
    change('k1n:parts-of-packages', "from '", takeOnly),
  ],
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
    rolldownOptions: {
      output: {
        // All beside each other: a chunk's own URL is what `keepUrls` counts from.
        entryFileNames: '[name].js',
        chunkFileNames: '[name].js',
        // A chunk that is loaded late, after another build, still fits those that are loaded.
        minifyInternalExports: false,
      },
    },
  },
})
