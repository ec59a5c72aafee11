// For a verb that gives Redis its request's Idempotency-Key along with its work: what it will be answered is rendered beforehand.
import type { Before } from '../../shared/bullmq/add.ts'
import type { Receipt, Retold } from '../../shared/bullmq/receipt.ts'
import type { Claim, Kept } from './idempotency.ts'
import type { Answer } from './render.ts'

/** Tells a repeated request again what the first one was answered, from the facts that were kept of it. */
export type Retell<Call> = (call: Call, facts: string) => Retold<Answer>

export class Carrier {
  readonly #claim: Claim
  readonly #render: (answer: Answer) => Kept
  #body: unknown
  #reply: Kept | undefined

  constructor(claim: Claim, render: (answer: Answer) => Kept) {
    this.#claim = claim
    this.#render = render
  }

  /** Takes the key before the work, where they cannot go together. */
  take(): Promise<void> {
    return this.#claim.take()
  }

  /** Sends the work with the receipt of what it will be answered: the facts that is told again from. */
  carry<Came extends string>(
    answer: Answer,
    facts: string,
    send: (receipt: Receipt) => Promise<Came | Before>,
  ): Promise<Came> {
    this.#body = answer.body
    this.#reply = this.#render(answer)
    return this.#claim.carry(this.#reply, facts, send)
  }

  /** The reply with this body, if it was rendered for its receipt. */
  rendered(body: unknown): Kept | undefined {
    return this.#body === body ? this.#reply : undefined
  }
}
