// The chart's state and its frames: one redraw per animation frame at most, and one signal for the DOM beside the canvas.
import { act, type Deeds } from './act.ts'
import { Camera } from './camera.ts'
import type { nextFailure } from './failures.ts'
import type { idleIn } from './idle.ts'
import { boxOf, hit, targetOf, type Box, type Target, type View } from './hit.ts'
import type { ColorBy } from './ink.ts'
import type { Command } from './keys.ts'
import type { Lane } from './lane.ts'
import { Layout, type LayoutOptions } from './layout.ts'
import { nextStepMs, steady, type Clock } from './live.ts'
import { PaintedChart } from './painted.ts'
import { fit, reveal, type TimeWindow } from './scale.ts'
import { Rows } from './rows.ts'
import { AXIS_PX } from './scene.ts'
import type { RunKey, SpanStore } from './spans.ts'
import { NOTHING, type ChartEvents, type Shown, type Tie } from './shown.ts'
import { shownOf } from './show.ts'
import type { Stage } from './stage.ts'
import { Frames, Telling } from './frames.ts'
import { Tips } from './tips.ts'
import { Marking } from './marking.ts'
import { beginOf, endOf, isMove, Walker, type Move, type Place } from './walker.ts'

const SORT_EVERY_MS = 10_000

export class Chart {
  readonly layout: Layout
  readonly store: SpanStore
  readonly #painted = new PaintedChart()
  readonly #events: ChartEvents
  readonly #clock: Clock
  readonly #stop: () => void
  readonly #camera: Camera
  readonly #walker: Walker
  readonly #tips = new Tips((target) => this.#boxOf(target))
  readonly marking: Marking
  #shown = $state.raw<Shown>(NOTHING)
  #stage: Stage | undefined
  readonly #telling = new Telling()
  readonly #frames = new Frames((waitedMs) => {
    this.#stage?.waited(waitedMs)
    this.#draw()
  })
  #followLeftAt = 0
  #height = 0
  #scrollTop = 0
  readonly #rows = new Rows()
  #sortedAt = 0
  /** Lanes stay where they are while this is so. */
  busy = false
  /** What is said of its rows, and where their cells lie, is of this very frame while this is so. */
  hasFocus = false
  calm = false
  zone = 'UTC'
  colorBy: ColorBy = 'priority'
  selected: RunKey | undefined
  /** Finds idle stretches, which are drawn short unless now is followed; without it none are. */
  idle: typeof idleIn | undefined
  /** Finds the next failure; a strip to look at has no use for it. */
  seek: typeof nextFailure | undefined
  /** Lines that tie jobs which belong together. */
  ties: ((layout: Layout, view: View) => readonly Tie[]) | undefined
  axis = AXIS_PX

  constructor(store: SpanStore, clock: Clock, events: ChartEvents, options: Partial<LayoutOptions> = {}) {
    this.store = store
    this.layout = new Layout(store, options)
    this.#walker = new Walker(this.layout)
    this.marking = new Marking(this.layout, {
      view: () => this.#view,
      down: (y) => y - this.axis + this.#scrollTop,
      changed: () => this.invalidate(),
      tell: events.area,
    })
    this.#events = events
    this.#clock = steady(clock)
    this.#camera = new Camera(events, this.#clock.now())
    const changed = (): void => this.#frames.request()
    this.#stop = store.listen({ added: changed, changed, reset: () => this.#lost() })
  }

  /** Ends all work; the chart cannot be used again. */
  close(): void {
    this.#stop()
    this.layout.close()
    this.#frames.stop()
  }

  /** Where to draw; without a stage nothing is drawn. */
  set stage(stage: Stage | undefined) {
    this.#stage = stage
    this.#painted.forget()
    this.invalidate()
  }

  /** What the last frame showed; read in a component, it follows every frame. */
  get shown(): Shown {
    return this.#shown
  }

  /** Draws at the next frame; a hidden page draws when it is seen again. */
  invalidate(): void {
    this.#telling.ask()
    this.#frames.request()
  }

  /** Takes the window the page asks for; an echo of what the chart told changes nothing. */
  setWindow(window: TimeWindow): void {
    if (this.#camera.set(window)) this.invalidate()
  }

  /** The size of the plot and how far its lanes are scrolled. */
  setSize(width: number, height: number, scrollTop: number): void {
    this.#camera.widen(width)
    this.#height = height
    this.#scrollTop = scrollTop
    this.invalidate()
  }

  setFollow(follow: boolean): void {
    if (!this.#camera.setFollow(follow)) return
    this.#followLeftAt = this.store.arrived
    this.invalidate()
  }

  zoom(factor: number, x: number): void {
    this.#goTo(this.#camera.zoomed(factor, x), this.#camera.follow)
  }

  /** Moves the window by pixels, as a drag does. */
  panBy(px: number): void {
    if (px !== 0) this.#goTo(this.#camera.panned(px))
  }

  /** Shows all runs there are. */
  fitAll(): void {
    const all = this.layout.extent(this.#view.now)
    if (all) this.#goTo(fit(all.from, all.to, 0.02))
  }

  /** Goes back to where one has been, or forward again. */
  step(by: 1 | -1): void {
    this.setFollow(false)
    if (this.#camera.step(by)) this.invalidate()
  }

  /** Shows a stretch as large as fits. */
  zoomTo({ from, to }: TimeWindow): void {
    this.#goTo(fit(from, to, 0))
  }

  /** Goes to the next failure in view, or the one before. Answers the lane whose cell must get the focus; undefined when
   *  nothing in view went wrong. */
  toFailure(by: 1 | -1): number | undefined {
    const lane = this.#walker.laneOf(this.#walker.lane)
    const here = lane && { lane, slot: this.#currentOf(lane) }
    const next = this.seek?.(this.layout.lanes, here, by, this.#view.window)
    if (!next) {
      this.#events.clear()
      return undefined
    }
    this.setFollow(false)
    this.#arrive(next)
    this.draw()
    return next.lane.code
  }

  /** Goes to a run and shows it. Answers the lane whose cell must get the focus; undefined when it is not there. */
  toRun(run: RunKey): number | undefined {
    const slot = this.store.find(run)
    const lane = slot < 0 ? undefined : this.layout.laneOf(slot)
    if (!lane) return undefined
    this.#arrive({ lane, slot })
    this.hideTip()
    this.draw()
    return lane.code
  }

  pinLane(label: string): void {
    this.#events.pin(label)
  }

  /** When the focused run began, else now: where a note of this moment belongs. */
  get moment(): number {
    const lane = this.#walker.laneOf(this.#walker.lane)
    const { window, now } = this.#view
    const begin = lane && beginOf(this.store, { lane, slot: this.#currentOf(lane) })
    if (begin !== undefined && begin >= window.from && begin <= window.to) return begin
    return Math.min(now, window.to)
  }

  /** Shows one target as large as is useful. */
  fitTo(target: Target): void {
    if (target.kind === 'cell') return this.#goTo(fit(target.from, target.to))
    const start = this.store.start[target.slot] ?? 0
    this.#goTo(fit(start - (this.store.wait[target.slot] ?? 0), this.store.end(target.slot, this.#view.now)))
  }

  /** What lies at a point of the plot; `y` counts from the plot's visible top, axis included. */
  at(x: number, y: number): Target | undefined {
    return y < this.axis ? undefined : hit(this.layout, this.#view, x, y - this.axis + this.#scrollTop)
  }

  /** Opens a cell by zooming into it, or tells the page which run was chosen. */
  choose(target: Target, how: 'select' | 'open'): void {
    if (target.kind === 'cell') return this.fitTo(target)
    this.#stand(target)
    this.#events[how](this.store.key(target.slot))
  }

  showTip(target: Target | undefined): void {
    if (this.#tips.show(target)) this.#show()
  }

  hideTip(): void {
    if (this.#tips.hide()) this.#show()
  }

  /** Remembers which lane has the focus, and keeps its run while others follow the live edge. */
  focused(code: number): void {
    const lane = this.#walker.laneOf(code)
    if (lane) this.#stand({ lane, slot: this.#currentOf(lane) })
  }

  /** Does what a key asks for. Answers the lane whose cell must get the focus, when it is another. */
  command(command: Command): number | undefined {
    const lane = this.#walker.laneOf(this.#walker.tabStop(this.#rows.views))
    if (!lane) return undefined
    const here = { lane, slot: this.#currentOf(lane) }
    if (command.do === 'failure') return this.toFailure(command.by)
    const code = isMove(command) ? this.#move(command, here)?.code : undefined
    if (!isMove(command)) act(command, here, this.#deeds(here))
    this.draw()
    return code
  }

  /** Draws now, at once. */
  draw(): void {
    this.#telling.ask()
    this.#rows.ask()
    this.#draw()
  }

  #draw(): void {
    this.#frames.stop()
    if (!this.#stage || document.hidden) return
    const began = performance.now()
    this.#advance()
    this.#paint(this.#stage)
    if (this.#telling.tells(this.#view, began)) this.#tell(began)
    this.#stage.drew(performance.now() - began, this.store.length, this)
    this.#schedule()
  }

  /** Brings what lies over the canvas and beside it up to date. */
  #tell(at: number): void {
    this.#tips.follow()
    const { layout, zone, axis } = this
    const currentOf = (lane: Lane): number => this.#currentOf(lane)
    const place = { scrollTop: this.#scrollTop, height: this.#height, kept: this.#walker.lane }
    if (!this.#rows.follow({ layout, zone, axis, view: this.#view, currentOf, ...place }, at, this.hasFocus))
      this.#telling.owe()
    this.#show()
  }

  #advance(): void {
    this.#camera.advance(this.#clock.now(), this.#stepMs)
    const { now } = this.#view
    this.layout.refresh(this.#camera.scale, now)
    const folds = this.#camera.follow ? [] : (this.idle?.(this.layout, this.#view.window, now) ?? [])
    this.#camera.fold(folds)
    if (folds.length > 0) this.layout.refresh(this.#camera.scale, now)
    if (!this.busy && now - this.#sortedAt > SORT_EVERY_MS) {
      this.#sortedAt = now
      this.layout.sort()
    }
  }

  #paint(stage: Stage): void {
    const { layout, zone, colorBy, axis } = this
    const scene = { layout, zone, colorBy, axis, view: this.#view, height: this.#height, scrollTop: this.#scrollTop }
    const selected = this.selected ? this.store.find(this.selected) : -1
    this.#painted.draw(stage, { ...scene, measure: stage.measure, selected })
  }

  #show(): void {
    this.#shown = shownOf({
      ...{ layout: this.layout, camera: this.#camera, marking: this.marking, ties: this.ties, rows: this.#rows.views },
      ...{ tip: this.#tips.shown, tabStop: this.#walker.tabStop(this.#rows.views), axis: this.axis },
      shift: this.axis - this.#scrollTop,
      missed: this.store.arrived - this.#followLeftAt,
    })
  }

  /** The next frame is due when the live edge has moved enough to be seen, or when what came may be told. */
  #schedule(): void {
    const { window, now } = this.#view
    const isLive = now >= window.from && now <= window.to
    const step = isLive ? this.#stepMs - (this.#clock.now() - now) : Infinity
    this.#frames.after(Math.min(step, this.#telling.dueIn(performance.now())))
  }

  get #stepMs(): number {
    return nextStepMs(this.#camera.scale, devicePixelRatio, this.calm)
  }

  get #view(): View {
    return this.#camera.view
  }

  #goTo(window: TimeWindow, stayLive = false): void {
    if (!stayLive) this.setFollow(false)
    this.#camera.goTo(window, performance.now())
    this.invalidate()
  }

  #lost(): void {
    this.#tips.hide()
    this.invalidate()
  }

  #stand(place: Place): void {
    this.#walker.stand(place)
    this.#rows.ask()
    this.invalidate()
  }

  #currentOf(lane: Lane): number {
    return this.#walker.currentOf(lane, this.#view)
  }

  #deeds(here: Place): Deeds {
    return {
      ...{ chart: this, tips: this.#tips, events: this.#events, target: this.#targetOf(here) },
      zoom: (factor) => this.#goTo(this.#camera.zoomedAt(factor, beginOf(this.store, here))),
      width: this.#view.width,
      isFollowing: this.#camera.follow,
    }
  }

  /** Goes where a key leads and shows it. Answers the lane it came to. */
  #move(move: Move, here: Place): Lane | undefined {
    const next = this.#walker.next(move, here, this.#view)
    if (!next) return undefined
    this.#arrive(next)
    return next.lane
  }

  #arrive(place: Place): void {
    this.#stand(place)
    const end = endOf(this.store, place, this.#view.now)
    const window = reveal(this.#view.window, beginOf(this.store, place), end)
    if (window !== this.#view.window) this.#goTo(window)
    this.#revealLane(place.lane)
    this.#tips.hide()
    this.#tips.show(this.#targetOf(place))
  }

  #targetOf({ lane, slot }: Place): Target {
    return targetOf(this.layout, lane, slot, this.#view)
  }

  #revealLane(lane: Lane): void {
    const room = this.#height - this.axis
    if (lane.top < this.#scrollTop) this.#scrollTop = lane.top
    else if (lane.top + lane.height > this.#scrollTop + room) this.#scrollTop = lane.top + lane.height - room
    this.#stage?.scrollTo(this.#scrollTop)
  }

  /** A target's place in the visible plot. */
  #boxOf(target: Target): Box {
    const box = boxOf(this.layout, target, this.#view)
    return { ...box, top: box.top + this.axis - this.#scrollTop }
  }
}
