// The API's process. Compiled code is remembered between starts, which has to be switched on before anything is loaded; stack
// traces name the lines of the sources also when this is the bundle.
import { enableCompileCache } from 'node:module'
import { nameSources } from './stack-traces.ts'

enableCompileCache()
nameSources()
const { run } = await import('./process.ts')
await run(process.env)
