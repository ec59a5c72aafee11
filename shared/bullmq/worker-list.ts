// Who works on which queue: BullMQ's workers name their blocking connections after their queue, whatever service they are of.
import type { Kernel } from '../kernel/kernel.ts'

/** The list is of the whole server, so it is asked for at most this often. */
const FRESH_MS = 5_000

/** The workers of one queue: how many, and what those are called that have a name. */
export interface Crew {
  readonly count: number
  readonly names: readonly string[]
}

export interface WorkerList {
  /** Workers that hold a connection to each queue; zero for none. */
  count(queues: readonly string[]): Promise<Map<string, number>>
  crew(queue: string): Promise<Crew>
}

const NOBODY: Crew = { count: 0, names: [] }

export const createWorkerList = (kernel: Kernel): WorkerList => {
  let list: Promise<Map<string, Crew>> | undefined
  let readAt = -Infinity
  const read = async (): Promise<Map<string, Crew>> =>
    crewsIn((await kernel.redis.client('LIST')) as string, kernel.bullPrefix)
  const fresh = (): Promise<Map<string, Crew>> => {
    const now = kernel.clock.now()
    if (list === undefined || now - readAt >= FRESH_MS) {
      readAt = now
      list = read()
      list.catch(() => (list = undefined))
    }
    return list
  }
  const of = (crews: ReadonlyMap<string, Crew>, queue: string): Crew =>
    crews.get(Buffer.from(queue).toString('base64')) ?? NOBODY
  return {
    async count(queues) {
      const crews = await fresh()
      return new Map(queues.map((queue) => [queue, of(crews, queue).count]))
    },
    crew: async (queue) => of(await fresh(), queue),
  }
}

/** Connection names are `<prefix>:<base64 of the queue>` and, for named workers, `:w:<name>` after it. */
const crewsIn = (clients: string, prefix: string): Map<string, Crew> => {
  const crews = new Map<string, { count: number; names: string[] }>()
  for (const line of clients.split('\n')) {
    const name = / name=(\S+)/.exec(line)?.[1]
    if (!name?.startsWith(`${prefix}:`)) continue
    const [queue = '', mark, ...called] = name.slice(prefix.length + 1).split(':')
    if (mark !== undefined && mark !== 'w') continue
    const crew = crews.get(queue) ?? { count: 0, names: [] }
    crews.set(queue, crew)
    crew.count++
    if (mark === 'w') crew.names.push(called.join(':'))
  }
  return crews
}
