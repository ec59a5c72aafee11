// A worker process: takes jobs of every kind in the catalog. Started by `main.ts`, never by hand.
import { catalog } from '../shared/catalog/catalog.ts'
import { readSettings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import { createHandlers } from './handlers/handlers.ts'
import { runChild } from './run-child.ts'
import { createServiceSide } from './service-side.ts'

const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const services = createServiceSide(kernel)
const { handlers, beside, close } = createHandlers(kernel)
await runChild(kernel, { catalog, handlers, services, beside, close })
