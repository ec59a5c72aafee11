// A worker process: takes jobs of every kind in the catalog. Started by `main.ts`, never by hand.
import { catalog } from '../shared/catalog/catalog.ts'
import { demoSchedules } from '../shared/catalog/schedules.ts'
import { readSettings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import { schedulesOf } from '../shared/schedules/declare.ts'
import { createHandlers } from './handlers/handlers.ts'
import { runChild } from './run-child.ts'
import { createServiceSide } from './service-side.ts'

const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const services = createServiceSide(kernel)
const { handlers, beside, close } = createHandlers(kernel)
const schedules = kernel.settings.K1N_DEMO === 'on' ? demoSchedules : schedulesOf()
await runChild(kernel, { catalog, handlers, services, schedules, beside, close })
