// The Redis every test shares: `K1N_TEST_REDIS_URL`, else a child of our own that ends with the run.
import { startTestRedis } from './redis-server.ts'

export default async function setup(): Promise<(() => Promise<void>) | undefined> {
  if (process.env.K1N_TEST_REDIS_URL) return undefined
  const redis = await startTestRedis()
  process.env.K1N_TEST_REDIS_URL = redis.url
  return () => redis.stop()
}
