// A test's Redis in a container, for machines that have Docker and no redis-server.
import { Redis } from 'ioredis'
import { GenericContainer, getContainerRuntimeClient, Wait } from 'testcontainers'
import {
  containerCommand,
  containerSettingsFile,
  containerUser,
  dockerImage,
  redisReady,
  settingsFile,
} from '../../scripts/setup/redis-command.mjs'
import type { RedisPlace, RedisProcess } from './redis-server.ts'

/** Starts a container that serves the place's port and keeps its data in the place's folder. */
export const startContainer = async (place: RedisPlace): Promise<RedisProcess> => {
  const started = await new GenericContainer(dockerImage)
    .withExposedPorts({ container: 6379, host: place.port })
    .withBindMounts([
      { source: settingsFile, target: containerSettingsFile, mode: 'ro' },
      { source: place.dir, target: '/data' },
    ])
    .withUser(containerUser())
    .withCommand(containerCommand(place.args))
    .withWaitStrategy(Wait.forLogMessage(redisReady))
    .withAutoRemove(false)
    .start()
  return controlled(started.getId(), place.port)
}

const controlled = async (id: string, port: number): Promise<RedisProcess> => {
  const client = await getContainerRuntimeClient()
  const container = client.container.getById(id)
  const state = async () => (await container.inspect()).State
  let pid = (await state()).Pid
  return {
    pid: () => pid,
    async signal(signal) {
      const { Running, Paused } = await state()
      if (signal === 'SIGCONT' && Paused) await container.unpause()
      if (signal === 'SIGCONT' || !Running) return
      if (signal === 'SIGSTOP') {
        if (!Paused) await container.pause()
        return
      }
      await container.kill({ signal })
      await container.wait()
    },
    async start() {
      await container.start()
      await serves(port)
      pid = (await state()).Pid
    },
    remove: () => container.remove({ force: true, v: true }),
  }
}

/** ioredis connects again until the server is up and its data loaded. */
const serves = async (port: number): Promise<void> => {
  const redis = new Redis({ port, maxRetriesPerRequest: null, retryStrategy: () => 50 })
  redis.on('error', () => undefined)
  await redis.ping()
  redis.disconnect()
}
