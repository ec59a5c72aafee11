// Pushes: one subscribed connection for a whole process, however many listen to however many channels.
import type { Redis } from 'ioredis'
import type { Kernel } from './kernel.ts'

type Listener = (message: string) => void
interface Hub {
  redis: Redis
  channels: Map<string, Channel>
}
interface Channel {
  listeners: Set<Listener>
  ready: Promise<unknown>
}

export interface Subscription {
  /** Resolves when Redis has taken it; never rejects. */
  readonly ready: Promise<unknown>
  /** The connection goes with the kernel. */
  stop(): void
}

const RENEW_MS = 1_000

const hubs = new WeakMap<Kernel, Hub>()

const openHub = (kernel: Kernel): Hub => {
  const redis = kernel.connect('worker', 'k1n-pushes')
  const channels = new Map<string, Channel>()
  // ioredis renews subscriptions without hearing of a failure, which would end a process that closes meanwhile.
  redis.options.autoResubscribe = false
  const renew = (): void => {
    if (channels.size === 0 || redis.status !== 'ready') return
    redis.subscribe(...channels.keys()).catch((error: unknown) => {
      // Whoever is back renews by that.
      if (redis.status !== 'ready') return
      kernel.log.warn('pushes could not be heard again; it is tried in a second', { error })
      setTimeout(renew, RENEW_MS).unref()
    })
  }
  redis.on('ready', renew)
  redis.on('message', (channel: string, message: string) => {
    for (const listener of channels.get(channel)?.listeners ?? []) listener(message)
  })
  const hub = { redis, channels }
  hubs.set(kernel, hub)
  return hub
}

/** Calls back with every message from when Redis has taken the subscription, which is renewed after an outage; what is told
 *  meanwhile is lost, so whoever listens must look by itself too. */
export const subscribe = (kernel: Kernel, channel: string, listener: Listener): Subscription => {
  const { redis, channels } = hubs.get(kernel) ?? openHub(kernel)
  const { listeners, ready } = channels.get(channel) ?? open(redis, channels, channel)
  listeners.add(listener)
  return {
    ready,
    stop() {
      listeners.delete(listener)
      if (listeners.size > 0) return
      channels.delete(channel)
      if (redis.status === 'ready') redis.unsubscribe(channel).catch(() => undefined)
    },
  }
}

/** Waits for Redis by itself; a process must be able to start before Redis does. */
const open = (redis: Redis, channels: Map<string, Channel>, name: string): Channel => {
  const channel = { listeners: new Set<Listener>(), ready: redis.subscribe(name).catch(() => undefined) }
  channels.set(name, channel)
  return channel
}
