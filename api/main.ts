// The API's process. Compiled code is remembered between starts, and stack traces name the lines of the sources when this is
// the bundle: both have to be switched on before anything is loaded.
import { enableCompileCache, setSourceMapsSupport } from 'node:module'

enableCompileCache()
setSourceMapsSupport(true, { nodeModules: false, generatedCode: false })
const { run } = await import('./process.ts')
await run(process.env)
