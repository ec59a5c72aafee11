// Test support: a Redis that carries scripts out twice, or once without an answer, or not at all, as chance has it.
import type { Kernel } from '../../kernel/kernel.ts'

/** `chance` gives numbers in [0, 1). A third of the scripts goes wrong while `isBad` says so. */
export const withFlakyRedis = (kernel: Kernel, chance: () => number, isBad: () => boolean): Kernel => {
  const { redis } = kernel
  const run = (args: Parameters<typeof redis.evalsha>): Promise<unknown> => redis.evalsha(...args)
  const evalsha = async (...args: Parameters<typeof redis.evalsha>): Promise<unknown> => {
    const drawn = isBad() ? chance() : 1
    if (drawn < 0.1) throw new Error('Connection is closed.')
    // As ioredis does when the connection is lost before the answer: it sends the command again.
    if (drawn < 0.2) await run(args)
    const answer = await run(args)
    if (drawn >= 0.2 && drawn < 0.3) throw new Error('Command timed out')
    return answer
  }
  const flaky = new Proxy(redis, {
    get: (target, name) => {
      if (name === 'evalsha') return evalsha
      const value: unknown = Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
  return { ...kernel, redis: flaky }
}

/** Numbers in [0, 1) that a seed decides. */
export const chanceOf = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
