// Pipelines that die young. ioredis gives each an accessor `length` of its own, for which V8 makes a hidden class of its own;
// those are old from the start, and what they name lives until all garbage is collected. So each collection of young objects
// copied every pipeline of the last seconds, with its commands and their answers: 50 ms of every two seconds in an API process at
// 50 requests a second. And it copies each script that BullMQ defines, 130 members, into each pipeline.
import { createRequire } from 'node:module'
import { Pipeline } from 'ioredis'
import type { Redis } from 'ioredis'

type Made = new (redis: Redis) => Pipeline
/** How a connection keeps what its pipelines have in common: a member, as some wrap a connection in a Proxy. */
const SHAPE = Symbol('pipelines')
type Light = Redis & { [SHAPE]?: Made | null }

/** What ioredis's own constructor sets, by its names. */
interface Members {
  [name: string]: unknown
}

const Original = Pipeline

/** Makes the pipelines and transactions of this connection light. */
export const lighten = (redis: Light): void => void (redis[SHAPE] = null)

/** To be called when the connection was given another command. */
export const forgetShape = (redis: Light): void => {
  if (redis[SHAPE] !== undefined) redis[SHAPE] = null
}

/** A constructor for one connection: the commands it was given are in the prototype, once. */
const shapeOf = (connection: Redis): Made => {
  const { scriptsSet, addedBuiltinSet } = connection as unknown as {
    scriptsSet: Record<string, { sha: string }>
    addedBuiltinSet: Set<string>
  }
  const scripts = Object.fromEntries(Object.values(scriptsSet).map((script) => [script.sha, script]))
  function Shape(this: Members, redis: Redis): void {
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
    prototype[name] = (connection as unknown as Members)[name]
  Shape.prototype = prototype
  return Shape as unknown as Made
}

// `pipeline` and `multi` of ioredis ask its module for the class at each call: there is no other place to give them one.
const library = createRequire(import.meta.url)('ioredis/built/Pipeline.js') as { default: typeof Original }
function PipelineOf(redis: Light): Pipeline {
  if (redis[SHAPE] === undefined) return new Original(redis)
  redis[SHAPE] ??= shapeOf(redis)
  return new redis[SHAPE](redis)
}
PipelineOf.prototype = Original.prototype
library.default = PipelineOf as unknown as typeof Original
