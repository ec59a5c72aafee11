// The API as it is, at a moment that does not pass: whatever a Redis holds, it answers the same on every day.
import { createApp } from '../../../api/app.ts'
import { attachLive } from '../../../api/live/live.ts'
import { stoppedClock } from '../../../shared/kernel/clock.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { exitWithParent } from '../../../shared/kernel/parent.ts'
import { assemble } from '../../../shared/rooms.ts'

const at = Number(process.env['K1N_TEST_MOMENT'])
globalThis.Date = new Proxy(Date, {
  get: (real, name) => (name === 'now' ? () => at : (Reflect.get(real, name) as unknown)),
  construct: (real, args, made) => Reflect.construct(real, args.length === 0 ? [at] : args, made) as object,
})

const kernel = createKernel({ settings: readSettings(process.env), role: 'producer', clock: stoppedClock(at) })
const api = createApp({ kernel, rooms: assemble(kernel) })
attachLive(api)
const date = new Date(at).toUTCString()
// Pages take the time of the server from it, and Node writes the machine's.
api.server.prependListener('request', (_request, response) => response.setHeader('date', date))
exitWithParent(() => api.stop())
process.on('SIGTERM', () => process.exit(0))
await api.start()
process.send?.({ type: 'ready', url: api.publicUrl() })
