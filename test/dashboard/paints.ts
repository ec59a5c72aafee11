// When the chart has drawn what the page was told of, and when it has answered a hand: stamped by its own drawings, so that whatever
// lies between the wire and the canvas counts.
import type { Page } from 'playwright-core'
import type { Layout } from '../../dashboard/gantt/layout.ts'
import type { TimeWindow } from '../../dashboard/gantt/scale.ts'
import type { RunKey, SpanStore } from '../../dashboard/gantt/spans.ts'
import { p } from './measure.ts'

/** A canvas says with each drawing what was drawn. */
export type Drawn = HTMLCanvasElement & {
  chart: { store: SpanStore; layout: Layout; shown: { window: TimeWindow } }
  drawings?: number
}

interface Told extends RunKey {
  end: number
  heardAt: number
}

/** How old the end of a run was when it was on the screen, and how much of that was since the page heard of it. */
export interface Age {
  ms: number
  inPageMs: number
}

interface Stamps {
  /** Hears of each drawing while it is made; what it showed is in `canvas.chart` until something else is told. */
  atDrawings: ((canvas: Drawn) => void)[]
  /** Once the frame that is being made is painted. Drawings are made within a frame. */
  afterPaint: (then: () => void) => void
  /** Runs told as ended that were not drawn as ended so far. */
  undrawn: Told[]
  paintAges: Age[]
  answers: { of: string; ms: number }[]
  interactions: Map<number, number>
}

const seeDrawings = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const atDrawings: Stamps['atDrawings'] = []
    const afterPaint: Stamps['afterPaint'] = (then) => {
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = then
      port2.postMessage(0)
    }
    Object.assign(globalThis, { atDrawings, afterPaint })
    const counts = new WeakMap<Drawn, number>()
    Object.defineProperty(HTMLCanvasElement.prototype, 'drawings', {
      get(this: Drawn) {
        return counts.get(this)
      },
      set(this: Drawn, count: number) {
        counts.set(this, count)
        for (const hear of atDrawings) hear(this)
      },
    })
  })

/** Notes of every run told as ended how long after its end the first frame was painted in which the chart had drawn it as ended.
 *  `poll` shuts the ways of listening that a server can talk through by itself. */
export const stampPaints = async (page: Page, by: 'socket' | 'poll' = 'socket'): Promise<void> => {
  await seeDrawings(page)
  await page.addInitScript((way) => {
    const { atDrawings, afterPaint } = globalThis as unknown as Stamps
    const ages: Age[] = []
    let undrawn: Told[] = []
    Object.defineProperty(globalThis, 'undrawn', { get: () => undrawn })
    Object.assign(globalThis, { paintAges: ages })
    /** Runs that changes of rows tell of as ended. */
    const noteRows = (text: string): void => {
      if (!text.includes('state:spans') || text.includes('"snapshot"')) return
      const rows = text.matchAll(/"queue":"([^"]+)","id":"([^"]+)","name":"[^"]*","worker":"[^"]*","start":(\d+),"wait":\d+(?:\.\d+)?,"run":(\d+),"state":"\w+","priority":\d,"attempt":(\d+)/g) // prettier-ignore
      for (const [, queue = '', id = '', start, run, attempt] of rows)
        undrawn.push({ queue, id, attempt: Number(attempt), end: Number(start) + Number(run), heardAt: Date.now() })
    }
    /** Polls tell facts in place of rows. */
    const noteFacts = (text: string): void => {
      JSON.parse(text, (_key, fact: { name?: string; data?: Record<string, string> } | null) => {
        if (fact?.name !== 'job.completed' && fact?.name !== 'job.failed') return fact
        const { queue = '', task_id = '', attempt, finished_at = '' } = fact.data ?? {}
        const id = task_id.slice(queue.length + 1)
        undrawn.push({ queue, id, attempt: Number(attempt), end: Date.parse(finished_at), heardAt: Date.now() })
        return fact
      })
    }
    /** What is drawn are the columns of lanes, and not those of the store. */
    const isDrawn = ({ store, layout }: Drawn['chart'], run: Told): boolean => {
      const slot = store.find(run)
      const lane = slot < 0 ? undefined : layout.laneOf(slot)
      return (lane?.runs[lane.indexOf(slot)] ?? -1) >= 0
    }
    atDrawings.push(({ chart }) => {
      if (undrawn.length === 0) return
      const drawn: Told[] = []
      undrawn = undrawn.filter((run) => !isDrawn(chart, run) || drawn.push(run) < 0)
      const note = (now: number): unknown => ages.push(...drawn.map(({ end, heardAt }) => ({ ms: now - end, inPageMs: now - heardAt }))) // prettier-ignore
      if (drawn.length > 0) afterPaint(() => note(Date.now()))
    })
    if (way === 'poll') {
      const closed = function (): never {
        throw new Error('shut for this test')
      }
      Object.assign(globalThis, { WebSocket: closed, EventSource: closed })
      const ask = globalThis.fetch
      globalThis.fetch = async (...call) => {
        const { url } = new Request(...call)
        if (url.includes('/stream/sse')) return closed()
        const reply = await ask(...call)
        // Noted before the page can take it in.
        if (url.includes('/stream/')) noteFacts(await reply.clone().text())
        return reply
      }
      return
    }
    const Native = WebSocket
    globalThis.WebSocket = class extends Native {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols)
        this.addEventListener('message', ({ data }) => noteRows(String(data)))
      }
    }
  }, by)
}

/** What was noted since it was asked last. */
export const paintAges = (page: Page): Promise<Age[]> =>
  page.evaluate(() => (globalThis as unknown as Stamps).paintAges.splice(0))

/** Once every run that was told as ended is drawn so; answers how many are not after so long. */
export const allDrawn = async (page: Page, withinMs: number): Promise<number> => {
  const drawn = page.waitForFunction(() => (globalThis as unknown as Stamps).undrawn.length === 0, undefined, { timeout: withinMs }) // prettier-ignore
  await drawn.catch(() => undefined)
  return page.evaluate(() => (globalThis as unknown as Stamps).undrawn.length)
}

/** Once so many were noted; answers how many are after so long. */
export const painted = async (page: Page, least: number, withinMs: number): Promise<number> => {
  const noted = page.waitForFunction((many) => (globalThis as unknown as Stamps).paintAges.length >= many, least, { timeout: withinMs }) // prettier-ignore
  await noted.catch(() => undefined)
  return page.evaluate(() => (globalThis as unknown as Stamps).paintAges.length)
}

/** Notes of every click on a button how long after the hand moved a frame was painted with another length of time in it, and what
 *  the browser itself says of each interaction. Comes after `stampPaints`. */
export const stampAnswers = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const { atDrawings, afterPaint } = globalThis as unknown as Stamps
    const answers: Stamps['answers'] = []
    const interactions: Stamps['interactions'] = new Map()
    Object.assign(globalThis, { answers, interactions })
    const lengthOf = ({ chart }: Drawn): number => chart.shown.window.to - chart.shown.window.from
    let asked: { of: string; at: number; length: number } | undefined
    addEventListener(
      'click',
      ({ target, timeStamp: at }) => {
        const canvas = document.querySelector<Drawn>('canvas')
        const of = (target as Element).closest('button')?.ariaLabel
        if (canvas && of) asked = { of, at, length: lengthOf(canvas) }
      },
      { capture: true },
    )
    atDrawings.push((canvas) => {
      if (!asked || Math.abs(lengthOf(canvas) - asked.length) < 1) return
      const { of, at } = asked
      asked = undefined
      afterPaint(() => answers.push({ of, ms: performance.now() - at }))
    })
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries() as unknown as { interactionId: number; duration: number }[])
        if (entry.interactionId > 0)
          interactions.set(entry.interactionId, Math.max(entry.duration, interactions.get(entry.interactionId) ?? 0))
      // Those that took less are not told.
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit)
  })

/** What `stampAnswers` noted: every answer, and how long the browser says that each interaction of 16 ms or more took. */
export const answersOf = (page: Page): Promise<{ answers: Stamps['answers']; interactions: number[] }> =>
  page.evaluate(() => {
    const { answers, interactions } = globalThis as unknown as Stamps
    return { answers, interactions: [...interactions.values()] }
  })

/** p50, p95 and p99 of ages, in words. */
export const agesWords = (ages: readonly Age[]): string => {
  const words = (of: number[]): string => [0.5, 0.95, 0.99].map((share) => `p${share * 100} ${p(of, share)}`).join(' ')
  return `${words(ages.map(({ ms }) => ms))} ms of ${ages.length}, in the page ${words(ages.map(({ inPageMs }) => inPageMs))} ms`
}

/** How long a time the chart shows. */
export const lengthShown = (page: Page): Promise<number> =>
  page
    .locator('canvas')
    .first()
    .evaluate((canvas) => {
      const { from, to } = (canvas as Drawn).chart.shown.window
      return to - from
    })

/** The runs that the chart goes through to draw what it shows, lane by lane, as `queue:id#attempt`, sorted. */
export const heldByChart = (page: Page): Promise<string[]> =>
  page
    .locator('canvas')
    .first()
    .evaluate((canvas) => {
      const { layout, store, shown } = (canvas as Drawn).chart
      const { from, to } = shown.window
      const held = layout.lanes.flatMap((lane) => {
        const [first, last] = [lane.firstAt(from), lane.firstFrom(to)]
        // What began long ago and still goes on is drawn apart.
        const early = lane.running.map((slot) => lane.indexOf(slot)).filter((at) => at >= 0 && at < first)
        const later = Array.from({ length: Math.max(0, last - first) }, (_, more) => first + more)
        const isOver = (at: number): boolean => (lane.runs[at] ?? -1) >= 0 && (lane.starts[at] ?? 0) + (lane.runs[at] ?? 0) < from // prettier-ignore
        return [...early, ...later.filter((at) => !isOver(at))].map((at) => store.key(lane.slots[at] ?? 0))
      })
      return held.map(({ queue, id, attempt }) => `${queue}:${id}#${attempt}`).sort()
    })

/** Counts drawings of charts by the frame in which they are made. Each begins by emptying its canvas, and nothing else does that. */
export const stampChartDrawings = (page: Page): Promise<unknown> =>
  page.addInitScript(() => {
    const made: { canvas: HTMLCanvasElement; frame: number }[] = []
    Object.assign(globalThis, { chartDrawings: made })
    const { prototype } = CanvasRenderingContext2D
    const clearRect = Object.getOwnPropertyDescriptor(prototype, 'clearRect')?.value as (...box: unknown[]) => void
    prototype.clearRect = function (...box) {
      // The same from the beginning of one frame to the beginning of the next.
      made.push({ canvas: this.canvas, frame: Number(document.timeline.currentTime) })
      clearRect.apply(this, box)
    }
  })

/** How many charts were drawn since it was asked last, how often, and how often within one frame at most. */
export const chartDrawings = (page: Page): Promise<{ charts: number; drawings: number; most: number }> =>
  page.evaluate(() => {
    const all = globalThis as unknown as { chartDrawings: { canvas: HTMLCanvasElement; frame: number }[] }
    const made = all.chartDrawings.splice(0)
    const byFrame = new Map<number, number>()
    for (const { frame } of made) byFrame.set(frame, (byFrame.get(frame) ?? 0) + 1)
    const charts = new Set(made.map(({ canvas }) => canvas)).size
    return { charts, drawings: made.length, most: Math.max(0, ...byFrame.values()) }
  })
