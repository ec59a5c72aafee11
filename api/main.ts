// The API's process. Compiled code is remembered between starts, so that has to be switched on before anything is loaded.
import { enableCompileCache } from 'node:module'

enableCompileCache()
const { run } = await import('./process.ts')
await run(process.env)
