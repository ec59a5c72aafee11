// The runs of the timeline: fetched as the window moves, kept up by the stream, counted only where they are too many or too old.
import { untrack } from 'svelte'
import type { TimelineCells, TimelineMark } from '../../../shared/timeline/contract.ts'
import { live } from '../../data/live/index.ts'
import { askEarly, takeEarly } from '../../data/early-spans.ts'
import { Resource } from '../../data/resource.svelte.ts'
import { followSpans, loadCells, loadMarks, loadSpans, type Loaded } from '../../data/spans.ts'
import { SpanStore } from '../../gantt/spans.ts'
import { clock } from '../../ui/clock.ts'
import { watch } from '../../ui/watch.svelte.ts'
import * as model from './model.ts'

/** A window rests so long before it is fetched. */
const SETTLED_MS = 150
/** More runs than this are told in cells. */
const SPANS_MAX = 200_000
const LIVE_MS = 60_000
const CELLS_EVERY_MS = 10_000
const MARKS_EVERY_MS = 15_000
/** What makes a mark. */
const MARK_TOPICS = ['circuit-breaker:*', 'schedule:*']

/** How much later there may be `Runs`; a window that is too old then is counted, and its runs are asked for in vain. */
const SOON_MS = 1_000

/** Asks for what `Runs` of this window will load first, before there are any. */
export const beginRuns = (window: model.Window): void => {
  const wanted = model.missing(window, [], clock.exact())
  if (wanted && !model.isOld(wanted, clock.exact() + SOON_MS)) askEarly(wanted, SPANS_MAX)
}

export class Runs {
  readonly store = new SpanStore()
  readonly loaded = new Resource<Loaded>()
  readonly counted = new Resource<TimelineCells>()
  readonly #marks = new Resource<{ marks: TimelineMark[] }>()
  /** Stretches of which all runs are there. */
  #known = $state.raw<readonly model.Window[]>([])
  /** What is being fetched. */
  #coming: model.Window | undefined
  #markedFor: model.Window | undefined
  readonly #window: () => model.Window
  /** The window holds more runs than can be told one by one. */
  #isCrowded = $state(false)
  /** What is on its way was there before. */
  #isAnew = $state(false)

  /** Call it while a component is set up. */
  constructor(window: () => model.Window) {
    this.#window = window
    // The first window is asked for before anything is drawn, which takes as long as the answer.
    untrack(() => void this.load())
    watch(window, () => {
      const timer = setTimeout(() => void this.load(), SETTLED_MS)
      return () => clearTimeout(timer)
    })
    // What the stream tells first, a minute of runs, is in the answer too, and would only make it come later.
    watch(
      () => this.#isAnswered,
      (isAnswered) => (isAnswered ? followSpans(this.store, () => void this.#loadAnew()) : undefined),
    )
    $effect(() => {
      const cells = setInterval(() => this.isCounted && void this.#count(), CELLS_EVERY_MS)
      const marks = setInterval(() => void this.loadMarks(), MARKS_EVERY_MS)
      const leave = MARK_TOPICS.map((topic) => live.events(topic, () => (this.#markedFor = undefined)))
      return () => {
        clearInterval(cells)
        clearInterval(marks)
        leave.forEach((stop) => stop())
      }
    })
  }

  /** Whether the window is told in cells. */
  get isCounted(): boolean {
    return this.#isCrowded || model.isOld(this.#window(), clock.exact())
  }

  get cells(): TimelineCells | undefined {
    return this.isCounted ? this.counted.value : undefined
  }

  get marks(): readonly TimelineMark[] {
    return this.#marks.value?.marks ?? []
  }

  /** Whether it is known what the window holds. */
  get isKnown(): boolean {
    return this.#told.value !== undefined
  }

  /** Whether all runs of the window are there, one by one. */
  get isComplete(): boolean {
    return this.isWhole(this.#window())
  }

  /** Whether runs of the window are on their way that were not there before. */
  get isComing(): boolean {
    return this.loaded.loading && !this.#isAnew
  }

  /** Whether all runs of a stretch are there, one by one. */
  isWhole(window: model.Window): boolean {
    return this.#known.some((known) => model.covers(known, window, clock.exact()))
  }

  /** Whether what was asked for last could not be had. */
  get isFailed(): boolean {
    return this.#told.failure !== undefined
  }

  get #told(): Resource<unknown> {
    return this.isCounted ? this.counted : this.loaded
  }

  get #isAnswered(): boolean {
    return [this.loaded, this.counted].some(({ value, failure }) => value !== undefined || failure !== undefined)
  }

  load = async (): Promise<void> => {
    const window = this.#window()
    if (model.isOld(window, clock.exact())) await this.#count()
    else await this.#loadSpans(window)
    void this.loadMarks()
  }

  /** Nothing was heard for a while: what began before that may have ended in it, so that no stretch is known any more. */
  #loadAnew = async (): Promise<void> => {
    this.#known = []
    this.#coming = undefined
    this.#isAnew = true
    await this.load()
    this.#isAnew = false
  }

  /** Fetches marks when the window is another than they are of, or some of them are new. */
  loadMarks = async (isNew = false): Promise<void> => {
    const { from, to } = this.#window()
    const length = to - from
    const of = this.#markedFor
    const isThere = of && of.from <= from && of.to >= Math.min(to, clock.exact() - MARKS_EVERY_MS)
    if (isThere && !isNew) return
    const wanted = { from: from - length / 2, to: Math.min(to + length / 2, clock.exact()) }
    if (wanted.from >= wanted.to) return
    this.#markedFor = wanted
    await this.#marks.load((signal) => loadMarks(wanted, signal))
  }

  /** Fetches a stretch beside the window, as for a comparison. Answers whether all of its runs are there. */
  loadBeside = async (window: model.Window): Promise<boolean> => {
    if (model.isOld(window, clock.exact())) return false
    if (!model.missing(window, this.#known, clock.exact())) return true
    const { truncated } = await loadSpans(this.store, window, new AbortController().signal, SPANS_MAX)
    // Where there are more than are kept the oldest make room.
    const isWhole = !truncated && this.store.keptFrom <= window.from
    if (isWhole) this.#known = model.joined(this.#known, window)
    return isWhole
  }

  async #loadSpans(window: model.Window): Promise<void> {
    this.#known = model.clipped(this.#known, this.store.keptFrom)
    const wanted = model.missing(window, this.#known, clock.exact())
    if (!wanted) this.loaded.failure = undefined
    // A window that follows now is another one each second: what is on its way for it is not called off for that.
    if (!wanted || (this.#coming && model.covers(this.#coming, window, clock.exact()))) return
    const mine = (this.#coming = liveTo(wanted))
    await this.loaded.load((signal) =>
      loadSpans(this.store, wanted, signal, SPANS_MAX, takeEarly(wanted, SPANS_MAX, signal)),
    )
    // Another window was asked for meanwhile, and this one called off.
    if (this.#coming !== mine) return
    this.#coming = undefined
    if (this.loaded.failure || !this.loaded.value) return
    this.#isCrowded = this.loaded.value.truncated
    if (this.#isCrowded) await this.#count()
    else this.#known = model.joined(this.#known, liveTo(wanted))
  }

  async #count(): Promise<void> {
    const { from, to } = this.#window()
    const length = to - from
    const wanted = { from: from - length / 4, to: Math.min(to + length / 4, clock.exact()) }
    if (wanted.from < wanted.to) await this.counted.load((signal) => loadCells(wanted, signal))
  }
}

/** What reaches the present is kept up by the stream from then on. */
const liveTo = (window: model.Window): model.Window =>
  clock.exact() - window.to < LIVE_MS ? { ...window, to: Infinity } : window
