// The moment the pages look back to, if any: while there is one, what was is shown and nothing can be changed.
import { createSubscriber } from 'svelte/reactivity'

let asked: number | undefined
let told: number | undefined
let lost: Lost | undefined
let notify = (): void => undefined
const subscribe = createSubscriber((update) => {
  notify = update
  return () => (notify = () => undefined)
})

/** Why nothing is told of a moment. */
export interface Lost {
  /** The oldest moment that is kept, epoch ms; undefined while there is none. */
  oldest: number | undefined
  /** What the API says. */
  detail: string
}

/** Why nothing can be changed while the pages look back. */
export const READ_ONLY = 'What you see is past. Go back to live to change anything.'

export const rewound = {
  /** The moment that was asked for, epoch ms; undefined while the pages are live. */
  get at(): number | undefined {
    subscribe()
    return asked
  },
  /** The moment that was asked for, as the API is asked for it. */
  get asOf(): string | undefined {
    return rewound.at === undefined ? undefined : new Date(rewound.at).toISOString()
  },
  /** The moment what is shown is of: the one kept nearest before, once that is known. */
  get now(): number | undefined {
    subscribe()
    return asked === undefined ? undefined : (told ?? asked)
  },
  /** Why nothing is told of the moment that was asked for; undefined where something is, or while nobody knows. */
  get lost(): Lost | undefined {
    subscribe()
    return lost
  },
  /** Looks at another moment, or at the present. */
  to(at: number | undefined): void {
    if (at === asked) return
    asked = at
    told = lost = undefined
    notify()
  },
  /** An answer told which moment it is of. One that comes late, for a moment that is looked at no more, tells nothing. */
  tell(of: number, at: string | undefined): void {
    if (of !== asked || at === undefined || Date.parse(at) === told) return
    told = Date.parse(at)
    notify()
  },
  /** An answer told that nothing is kept of the moment. */
  lose(of: number, why: Lost): void {
    if (of !== asked) return
    lost = why
    notify()
  },
}
