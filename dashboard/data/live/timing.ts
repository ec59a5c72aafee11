// How far the server's clock is from ours and how old events are when they arrive.

interface Sample {
  rtt: number
  ahead: number
}

const SAMPLES_MAX = 16
const AGES_MAX = 50
const WAYS_MAX = 9

const median = (values: readonly number[]): number | undefined => {
  const sorted = [...values].sort((one, other) => one - other)
  return sorted[Math.floor(sorted.length / 2)]
}

export class Timing {
  #samples: Sample[] = []
  #ages: number[] = []
  #ways: number[] = []
  #greeting = 0

  /** One question and answer: sent and received by our clock, answered by the server's. */
  answered(sent: number, received: number, server: number): void {
    const rtt = Math.max(0, received - sent)
    this.#samples = [...this.#samples, { rtt, ahead: server + rtt / 2 - received }].slice(-SAMPLES_MAX)
  }

  /** What the server's clock said when it spoke first; nobody knows how long that took, so any answer is better. */
  greeted(received: number, server: number): void {
    this.#greeting = server - received
  }

  /** How far the server is ahead of us in ms, by the quickest of the last 16 answers, else by its greeting. */
  get ahead(): number {
    return this.#samples.reduce<Sample>((best, sample) => (sample.rtt < best.rtt ? sample : best), {
      rtt: Infinity,
      ahead: this.#greeting,
    }).ahead
  }

  /** Something that happened at `at` (the server's clock) arrived at `now` (ours). */
  happened(at: number, now: number): void {
    this.#ages = [...this.#ages, this.#since(at, now)].slice(-AGES_MAX)
  }

  /** Something the server sent at `at` (its clock) arrived at `now` (ours). */
  sent(at: number, now: number): void {
    this.#ways = [...this.#ways, this.#since(at, now)].slice(-WAYS_MAX)
  }

  /** How old what is told is when it arrives, ms: the median of the last 50 events, or of the last few frames where those were longer on
   *  their way. */
  get age(): number | undefined {
    const [events, frames] = [median(this.#ages), median(this.#ways)]
    return events !== undefined && frames !== undefined ? Math.max(events, frames) : (events ?? frames)
  }

  #since(at: number, now: number): number {
    return Math.max(0, now + this.ahead - at)
  }

  /** Half the quickest way there and back: what an event would take now, when none has come. */
  get way(): number | undefined {
    return this.#samples.length === 0 ? undefined : Math.min(...this.#samples.map((sample) => sample.rtt)) / 2
  }
}
