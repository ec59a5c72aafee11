// What became of the messages that receivers of webhooks were brought, and whether that is what was promised.
import type { Violation } from '../support/oracle.ts'
import type { WebhookReceiver } from '../support/receivers.ts'

/** A fact that every receiver asked for. */
export interface Fact {
  /** Its position in the log. */
  id: string
  at: number
}

type Messages = Pick<WebhookReceiver, 'name' | 'brought'>

/** What it was brought and did not take, or was never brought. */
export const missingAt = ({ brought }: Messages, facts: readonly Fact[]): Fact[] => {
  const taken = new Set(brought.filter((one) => one.taken).map(({ fact: id }) => id))
  return facts.filter(({ id }) => !taken.has(id))
}

const wrong = (text: string): Violation => ({ rule: 'e', text })

/** (e) Every fact arrives, under one id however often it is brought, and no two under the same. */
export const areBrought = (one: Messages, facts: readonly Fact[]): Violation[] => {
  const missing = missingAt(one, facts)
  const messages = Map.groupBy(one.brought, ({ fact: id }) => id)
  const several = [...messages].filter(([, brought]) => new Set(brought.map(({ message }) => message)).size !== 1)
  const shared = new Set(one.brought.map(({ message }) => message)).size - messages.size
  return [
    ...(missing.length > 0
      ? [
          wrong(
            `the one that ${one.name} has not got ${missing.length} of ${facts.length} facts in time, the first ${missing[0]?.id}`,
          ),
        ]
      : []),
    ...several.slice(0, 3).map(([id]) => wrong(`the one that ${one.name} got ${id} under several ids`)),
    ...(shared < 0 ? [wrong(`the one that ${one.name} got ${-shared} facts under an id of another`)] : []),
  ]
}

/** After a 429 a message comes again when it was asked to, and not before. */
export const isHeeded = ({ brought }: Messages, askedMs: number): Violation[] => {
  const messages = Map.groupBy(brought, ({ message }) => message)
  const early = [...messages.values()].flatMap((times) =>
    times.filter(({ at }, n) => n > 0 && times[n - 1]?.taken === false && at - (times[n - 1]?.at ?? 0) < askedMs),
  )
  return early.length > 0
    ? [wrong(`${early.length} messages came again before Retry-After, ${early[0]?.message} the first`)]
    : []
}
