// Pipelines that die young. ioredis gives each an accessor `length` of its own, for which V8 makes a hidden class of its own;
// those are old from the start, and what they name lives until all garbage is collected. So each collection of young objects
// copied every pipeline of the last seconds, with its commands and their answers: 50 ms of every two seconds in an API process at
// 50 requests a second. And it copies each script that BullMQ defines, 130 members, into each pipeline.
import { createRequire } from 'node:module'
import { Pipeline } from 'ioredis'
import type { Redis } from 'ioredis'

type Made = new (redis: Redis) => Pipeline

/** What ioredis's own constructor sets, by its names. */
interface Members {
  [name: string]: unknown
}

const Original = Pipeline
const shapes = new WeakMap<object, Made | undefined>()

/** Makes the pipelines and transactions of this connection light. */
export const lighten = (redis: Redis): void => void shapes.set(redis, undefined)

/** To be called when the connection was given another command. */
export const forgetShape = (redis: Redis): void => {
  if (shapes.has(redis)) shapes.set(redis, undefined)
}

/** A constructor for one connection: the commands it was given are in the prototype, once. */
const shapeOf = (redis: Redis): Made => {
  const { scriptsSet, addedBuiltinSet } = redis as unknown as {
    scriptsSet: Record<string, { sha: string }>
    addedBuiltinSet: Set<string>
  }
  const scripts = Object.fromEntries(Object.values(scriptsSet).map((script) => [script.sha, script]))
  function Light(this: Members): void {
    this['options'] = redis.options
    this['scriptsSet'] = {}
    this['addedBuiltinSet'] = new Set()
    this['redis'] = redis
    this['isPipeline'] = true
    this['replyPending'] = 0
    this['_queue'] = []
    this['_result'] = []
    this['_transactions'] = 0
    this['_shaToScript'] = scripts
    this['isCluster'] = false
    this['promise'] = new Promise((resolve, reject) => {
      this['resolve'] = resolve
      this['reject'] = reject
    })
  }
  const prototype = Object.create(Original.prototype) as Members
  Object.defineProperty(prototype, 'length', {
    get(this: { _queue: unknown[] }) {
      return this._queue.length
    },
  })
  for (const name of [...Object.keys(scriptsSet), ...addedBuiltinSet].flatMap((name) => [name, `${name}Buffer`]))
    prototype[name] = (redis as unknown as Members)[name]
  Light.prototype = prototype
  return Light as unknown as Made
}

// `pipeline` and `multi` of ioredis ask its module for the class at each call: there is no other place to give them one.
const library = createRequire(import.meta.url)('ioredis/built/Pipeline.js') as { default: typeof Original }
library.default = function PipelineOf(redis: Redis): Pipeline {
  if (!shapes.has(redis)) return new Original(redis)
  let shape = shapes.get(redis)
  if (!shape) shapes.set(redis, (shape = shapeOf(redis)))
  return new shape(redis)
} as unknown as typeof Original
