// The chart's state and its frames: one redraw per animation frame at most, and one signal for the DOM beside the canvas.
import { boxOf, hit, targetOf, type Box, type Target, type View } from './hit.ts'
import type { ColorBy } from './ink.ts'
import { edgeRun, nearestRun, nextRun, type Command } from './keys.ts'
import type { Lane } from './lane.ts'
import { Layout, type LayoutOptions } from './layout.ts'
import { following, nextStepMs, steady, type Clock } from './live.ts'
import { AXIS_PX, Painter } from './paint.ts'
import { fit, msPerPx, pan, reveal, zoomAt, type TimeWindow } from './scale.ts'
import { rowViews, type RowView } from './rows.ts'
import type { RunKey, SpanStore } from './spans.ts'
import { NOTHING, type ChartEvents, type Shown, type Tip } from './shown.ts'
import type { Stage } from './stage.ts'

const SORT_EVERY_MS = 10_000
const TELL_EVERY_MS = 1000

export class Chart {
  readonly layout: Layout
  readonly store: SpanStore
  readonly #painter = new Painter()
  readonly #events: ChartEvents
  readonly #clock: Clock
  readonly #stop: () => void
  #shown = $state.raw<Shown>(NOTHING)
  #stage: Stage | undefined
  #frame = 0
  #askedAt = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #view: View
  #follow = false
  #followLeftAt = 0
  #height = 0
  #scrollTop = 0
  #focus: RunKey | undefined
  #focusLane = -1
  #rows: RowView[] = []
  #tip: Tip | undefined
  #sortedAt = 0
  #toldAt = 0
  #told: TimeWindow | undefined
  /** Lanes stay where they are while this is so. */
  busy = false
  calm = false
  zone = 'UTC'
  colorBy: ColorBy = 'priority'
  selected: RunKey | undefined
  axis = AXIS_PX
  /** How long the last drawing took, in milliseconds. */
  drawMs = 0

  constructor(store: SpanStore, clock: Clock, events: ChartEvents, options: Partial<LayoutOptions> = {}) {
    this.store = store
    this.layout = new Layout(store, options)
    this.#events = events
    this.#clock = steady(clock)
    const now = this.#clock.now()
    this.#view = { window: { from: now - 900_000, to: now }, width: 1, now }
    const changed = (): void => this.invalidate()
    this.#stop = store.listen({ added: changed, changed, reset: () => this.#lost() })
  }

  /** Ends all work; the chart cannot be used again. */
  close(): void {
    this.#stop()
    this.layout.close()
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
  }

  /** Where to draw; without a stage nothing is drawn. */
  set stage(stage: Stage | undefined) {
    this.#stage = stage
    this.invalidate()
  }

  /** What the last frame showed; read in a component, it follows every frame. */
  get shown(): Shown {
    return this.#shown
  }

  /** Draws at the next frame; a hidden page draws when it is seen again. */
  invalidate(): void {
    if (this.#frame !== 0 || document.hidden) return
    this.#askedAt = performance.now()
    this.#frame = requestAnimationFrame(() => {
      this.#stage?.waited(performance.now() - this.#askedAt)
      this.draw()
    })
  }

  /** Takes the window the page asks for; an echo of what the chart told changes nothing. */
  setWindow(window: TimeWindow): void {
    if (same(window, this.#told) || same(window, this.#view.window)) return
    this.#told = window
    this.#view = { ...this.#view, window }
    this.invalidate()
  }

  /** The size of the plot and how far its lanes are scrolled. */
  setSize(width: number, height: number, scrollTop: number): void {
    this.#view = { ...this.#view, width: Math.max(1, width) }
    this.#height = height
    this.#scrollTop = scrollTop
    this.invalidate()
  }

  setFollow(follow: boolean): void {
    if (follow === this.#follow) return
    this.#follow = follow
    this.#followLeftAt = this.store.arrived
    this.#events.follow(follow)
    this.invalidate()
  }

  zoom(factor: number, x: number): void {
    const { window, width, now } = this.#view
    const at = this.#follow ? now : window.from + x * msPerPx(window, width)
    this.#goTo(zoomAt(window, factor, at), this.#follow)
  }

  /** Moves the window by pixels, as a drag does. */
  panBy(px: number): void {
    if (px !== 0) this.#goTo(pan(this.#view.window, px * msPerPx(this.#view.window, this.#view.width)), false)
  }

  /** Shows all runs there are. */
  fitAll(): void {
    if (this.store.length === 0) return
    let from = Infinity
    let to = -Infinity
    for (const lane of this.layout.lanes) {
      from = Math.min(from, this.store.start[lane.slots[0] ?? 0] ?? from)
      to = Math.max(to, lane.running.length > 0 ? this.#view.now : (lane.ends[lane.count - 1] ?? to))
    }
    this.#goTo(fit(from, to, 0.02), false)
  }

  /** Shows one target as large as is useful. */
  fitTo(target: Target): void {
    if (target.kind === 'cell') return this.#goTo(fit(target.from, target.to), false)
    const start = this.store.start[target.slot] ?? 0
    this.#goTo(fit(start - (this.store.wait[target.slot] ?? 0), this.store.end(target.slot, this.#view.now)), false)
  }

  /** What lies at a point of the plot; `y` counts from the plot's visible top, axis included. */
  at(x: number, y: number): Target | undefined {
    return y < this.axis ? undefined : hit(this.layout, this.#view, x, y - this.axis + this.#scrollTop)
  }

  /** Opens a cell by zooming into it, or tells the page which run was chosen. */
  choose(target: Target, how: 'select' | 'open'): void {
    if (target.kind === 'cell') return this.fitTo(target)
    this.#focusOn(target.lane, target.slot)
    this.#events[how](this.store.key(target.slot))
  }

  showTip(target: Target | undefined): void {
    if (this.#tip?.pinned || (!target && !this.#tip)) return
    this.#tip = target && { target, box: this.#boxOf(target), pinned: false }
    this.#show()
  }

  hideTip(): void {
    if (!this.#tip) return
    this.#tip = undefined
    this.#show()
  }

  /** Remembers which lane has the focus, and keeps its run while others follow the live edge. */
  focused(code: number): void {
    const lane = this.layout.lanes.find((each) => each.code === code)
    if (lane) this.#focusOn(lane, this.#currentOf(lane))
  }

  /** Does what a key asks for. Answers the lane whose cell must get the focus, when it is another. */
  command(command: Command): number | undefined {
    const code = this.#tabStop()
    const lane = this.layout.lanes.find((each) => each.code === code)
    if (!lane) return undefined
    const next = this.#obey(command, lane, this.#currentOf(lane))
    this.draw()
    return next?.code
  }

  /** Draws now, at once. */
  draw(): void {
    cancelAnimationFrame(this.#frame)
    clearTimeout(this.#timer)
    this.#frame = 0
    if (!this.#stage || document.hidden) return
    const began = performance.now()
    this.#advance()
    this.#paint(this.#stage)
    if (this.#tip) this.#tip = { ...this.#tip, box: this.#boxOf(this.#tip.target) }
    this.#rows = this.#rowViews()
    this.#show()
    this.drawMs = performance.now() - began
    this.#schedule()
  }

  #advance(): void {
    const now = this.#clock.now()
    const window = this.#follow ? following(this.#view.window, now) : this.#view.window
    this.#view = { ...this.#view, now, window }
    this.layout.refresh(msPerPx(window, this.#view.width), now)
    if (!this.busy && now - this.#sortedAt > SORT_EVERY_MS) {
      this.#sortedAt = now
      this.layout.sort()
    }
    if (this.#follow && now - this.#toldAt > TELL_EVERY_MS) this.#tell()
  }

  #paint(stage: Stage): void {
    const { layout, zone, colorBy, axis } = this
    const scene = { layout, zone, colorBy, axis, view: this.#view, height: this.#height, scrollTop: this.#scrollTop }
    this.#painter.paint({
      ...scene,
      measure: stage.measure,
      selected: this.selected ? this.store.find(this.selected) : -1,
    })
    stage.begin(this.#view.width, this.#height)
    this.#painter.replay(stage.pen, stage.inks, stage.fonts)
  }

  #rowViews(): RowView[] {
    const { layout, zone, axis } = this
    const currentOf = (lane: Lane): number => this.#currentOf(lane)
    const place = { scrollTop: this.#scrollTop, height: this.#height, kept: this.#focusLane }
    return rowViews({ layout, zone, axis, view: this.#view, currentOf, ...place })
  }

  #show(): void {
    this.#shown = {
      ...{ rows: this.#rows, tip: this.#tip, follow: this.#follow, tabStop: this.#tabStop() },
      ...{ window: this.#view.window, now: this.#view.now },
      lanes: this.layout.lanes.length,
      contentHeight: this.layout.height + this.axis,
      missed: this.store.arrived - this.#followLeftAt,
    }
  }

  #tabStop(): number {
    if (this.#rows.some((row) => row.code === this.#focusLane)) return this.#focusLane
    return this.#rows[0]?.code ?? -1
  }

  /** The next frame is due when the live edge has moved enough to be seen. */
  #schedule(): void {
    const { window, width, now } = this.#view
    if (now < window.from || now > window.to) return
    const wait = nextStepMs(msPerPx(window, width), devicePixelRatio, this.calm)
    if (wait < 20) this.invalidate()
    else this.#timer = setTimeout(() => this.invalidate(), wait)
  }

  #goTo(window: TimeWindow, stayLive: boolean): void {
    if (!stayLive) this.setFollow(false)
    this.#view = { ...this.#view, window }
    this.#tell()
    this.invalidate()
  }

  #tell(): void {
    this.#told = this.#view.window
    this.#toldAt = this.#view.now
    this.#events.window(this.#told)
  }

  #lost(): void {
    this.#tip = undefined
    this.invalidate()
  }

  #focusOn(lane: Lane, slot: number): void {
    this.#focusLane = lane.code
    this.#focus = this.store.key(slot)
    this.invalidate()
  }

  /** The run a lane's cell lies over: the one that was gone to, else the latest in view. */
  #currentOf(lane: Lane): number {
    if (this.#focus && lane.code === this.#focusLane) {
      const slot = this.store.find(this.#focus)
      if (slot >= 0 && lane.indexOf(slot) >= 0) return slot
    }
    return edgeRun(this.layout, lane, 'last', this.#view)
  }

  #obey(command: Command, lane: Lane, slot: number): Lane | undefined {
    if (command.do === 'run') return this.#moveTo(lane, nextRun(this.layout, lane, slot, command.by, this.#view))
    if (command.do === 'edge') return this.#moveTo(lane, edgeRun(this.layout, lane, command.to, this.#view))
    if (command.do === 'lane') return this.#moveLane(lane, slot, command.by)
    this.#act(command, lane, slot)
    return undefined
  }

  #act(command: Exclude<Command, { do: 'run' | 'edge' | 'lane' }>, lane: Lane, slot: number): void {
    switch (command.do) {
      case 'zoom':
        return this.#zoomAtRun(command.factor, slot)
      case 'pan':
        return this.panBy(command.share * this.#view.width)
      case 'fit':
        return this.fitTo({ kind: 'run', lane, slot })
      case 'fit-all':
        return this.fitAll()
      case 'follow':
        return this.setFollow(!this.#follow)
      case 'open':
      case 'select':
        return this.choose(targetOf(this.layout, lane, slot, this.#view), command.do)
      case 'pin':
        return this.#pin(lane, slot)
      case 'dismiss':
        return this.hideTip()
      default:
        return command satisfies never
    }
  }

  #moveLane(lane: Lane, slot: number, by: number): Lane | undefined {
    const { lanes } = this.layout
    const next = lanes[Math.min(lanes.length - 1, Math.max(0, lanes.indexOf(lane) + by))]
    if (!next || next === lane) return undefined
    return this.#moveTo(next, nearestRun(this.layout, next, this.store.start[slot] ?? 0))
  }

  #moveTo(lane: Lane, slot: number): Lane {
    this.#focusOn(lane, slot)
    const start = this.store.start[slot] ?? 0
    const window = reveal(this.#view.window, start, this.store.end(slot, this.#view.now))
    if (window !== this.#view.window) this.#goTo(window, false)
    this.#revealLane(lane)
    this.hideTip()
    this.showTip(targetOf(this.layout, lane, slot, this.#view))
    return lane
  }

  #revealLane(lane: Lane): void {
    const room = this.#height - this.axis
    if (lane.top < this.#scrollTop) this.#scrollTop = lane.top
    else if (lane.top + lane.height > this.#scrollTop + room) this.#scrollTop = lane.top + lane.height - room
    this.#stage?.scrollTo(this.#scrollTop)
  }

  #zoomAtRun(factor: number, slot: number): void {
    const { window } = this.#view
    const start = this.store.start[slot] ?? 0
    const at = Math.min(window.to, Math.max(window.from, start))
    this.#goTo(zoomAt(window, factor, at), false)
  }

  #pin(lane: Lane, slot: number): void {
    if (this.#tip?.pinned) return this.hideTip()
    const target = targetOf(this.layout, lane, slot, this.#view)
    this.#tip = { target, box: this.#boxOf(target), pinned: true }
  }

  /** A target's place in the visible plot. */
  #boxOf(target: Target): Box {
    const box = boxOf(this.layout, target, this.#view)
    return { ...box, top: box.top + this.axis - this.#scrollTop }
  }
}

const same = (one: TimeWindow, other: TimeWindow | undefined): boolean =>
  one.from === other?.from && one.to === other.to
