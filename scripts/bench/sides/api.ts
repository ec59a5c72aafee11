// k1n's API as it is served, with the catalog of the benchmarks. First argument: the number of queues.
import { once } from 'node:events'
import { createApp } from '../../../api/app.ts'
import { attachLive } from '../../../api/live/live.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { assemble } from '../../../shared/rooms.ts'
import { benchCatalog } from '../catalog.ts'
import { serveSide } from '../side.ts'

const kernel = createKernel({ settings: readSettings(process.env), role: 'producer' })
if (kernel.redis.status !== 'ready') await once(kernel.redis, 'ready')
const api = createApp({ kernel, rooms: assemble(kernel, benchCatalog(Number(process.argv[2] ?? 1))) })
attachLive(api)
await api.start()
serveSide({}, { url: api.publicUrl() })
