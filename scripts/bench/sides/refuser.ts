// Another process that calls services: it tells when it heard that it must not, on the machine's one monotonic clock.
import { Redis } from 'ioredis'
import { createBreakerClient } from '../../../shared/breakers/client.ts'
import { readSettings } from '../../../shared/kernel/config.ts'
import { createKernel } from '../../../shared/kernel/kernel.ts'
import { DEFAULT_CONFIG } from '../../../shared/services/declare.ts'
import { serveSide } from '../side.ts'

const kernel = createKernel({ settings: readSettings(process.env), role: 'worker' })
const client = createBreakerClient(kernel, { configOf: () => DEFAULT_CONFIG })
await client.start()
const heard = new Map<string, string>()
const waiting = new Map<string, (at: string) => void>()
const hear = (name: string): void => {
  const at = String(process.hrtime.bigint())
  heard.set(name, at)
  waiting.get(name)?.(at)
}
client.onChange(({ service }) => {
  const answer = client.admit(service)
  if (!(answer instanceof Promise) && !answer.admitted) hear(service)
})
const raw = new Redis(kernel.settings.REDIS_URL)
await raw.subscribe('raw')
raw.on('message', (_channel, name: string) => hear(name))

serveSide({
  async call(service: string) {
    const permit = await client.admit(service)
    if (permit.admitted) permit.report('success', 1)
  },
  heard: (name: string) => heard.get(name) ?? new Promise((resolve) => waiting.set(name, resolve)),
})
