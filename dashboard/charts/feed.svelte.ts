// What a chart is drawn from: fetched when its span changes, when the stream says that something happened, and each minute.
import { live, onGap } from '../data/live/index.ts'
import { isStillRefused } from '../data/failure.ts'
import { Resource } from '../data/resource.svelte.ts'
import { clock } from '../ui/clock.ts'
import { watch } from '../ui/watch.svelte.ts'

interface Source<Value> {
  /** What decides the answer besides time. */
  key: () => string
  load: (signal: AbortSignal) => Promise<Value>
  /** Topics whose events change it. */
  topics: readonly string[]
  /** What nobody sees is fetched once, and again only when it is seen. */
  isSeen: () => boolean
}

/** Between two fetches, and after an event that does not come alone. */
const REST_MS = 5_000
const GATHER_MS = 300
const MINUTE_MS = 60_000

export class Feed<Value> {
  readonly loaded = new Resource<Value>()
  /** When the value was fetched, epoch ms. */
  at = $state<number>()
  readonly #source: Source<Value>
  #isStale = true
  #timer: ReturnType<typeof setTimeout> | undefined
  #asked = 0

  /** Call it while a component is set up. */
  constructor(source: Source<Value>) {
    this.#source = source
    const moved = (): undefined => this.#mark(0)
    watch(source.key, moved)
    watch(() => Math.floor(clock.now / MINUTE_MS), moved)
    watch(source.isSeen, () => (this.#isStale ? this.#mark(0) : undefined))
    $effect(() => {
      const happened = (): void => this.#mark(this.#restMs())
      const leave = source.topics.map((topic) => live.events(topic, happened, { onBehind: happened }))
      leave.push(onGap(() => (this.loaded.failure && isStillRefused(this.loaded.failure) ? undefined : this.#mark(0))))
      return () => {
        leave.forEach((stop) => stop())
        clearTimeout(this.#timer)
        this.loaded.stop()
      }
    })
  }

  load = async (): Promise<void> => {
    this.#isStale = false
    this.#asked = clock.exact()
    await this.loaded.load(this.#source.load)
    if (!this.loaded.failure && !this.loaded.loading) this.at = clock.exact()
  }

  #restMs(): number {
    const { againAt = 0 } = this.loaded.failure ?? {}
    return Math.max(GATHER_MS, this.#asked + REST_MS - clock.exact(), againAt - performance.now())
  }

  /** Fetches after a while, at once when nothing is waited for yet. */
  #mark(afterMs: number): undefined {
    this.#isStale = true
    if (!this.#source.isSeen() && this.loaded.value !== undefined) return
    if (afterMs === 0) clearTimeout(this.#timer)
    else if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      void this.load()
    }, afterMs)
  }
}
