// How smoothly a page moves and how late what it shows is. What is measured is judged beside the same page at rest, measured first.
import type { Page } from 'playwright-core'
import type { Stack } from '../support/stack.ts'

export const pause = (ms: number): Promise<unknown> => new Promise((resolve) => setTimeout(resolve, ms))

/** The value below which a share of all lie. */
export const p = (values: readonly number[], share: number): number =>
  [...values].sort((one, other) => one - other)[Math.floor(values.length * share)] ?? Number.NaN

/** 10,000 events a minute: each job is told when it begins and when it ends. */
export const JOBS_PER_S = 84

/** Adds jobs for so long, so many a second by the clock however long it takes to hand them in. Answers how many. */
export const load = async ({ client }: Stack, seconds: number, perS: number): Promise<number> => {
  const began = Date.now()
  let added = 0
  for (; Date.now() - began < seconds * 1_000; await pause(50)) {
    const due = Math.floor(((Date.now() - began) / 1_000) * perS) - added
    if (due <= 0) continue
    added += due
    // Calls no service, whose budget would decide how many run a second.
    const job = { name: 'demo.report', data: { title: 'Today', takes_ms: 5 } }
    await client.jobs.createMany({ body: { jobs: Array.from({ length: due }, () => job) } })
  }
  return added
}

export interface Frames {
  /** How long drawings of the chart took, each once. */
  draws: number[]
  /** From one frame to the next, in ms. */
  gaps: number[]
  /** Share of frames that took longer than 33 ms. */
  late: number
  perS: number
}

/** Looks at frames while something else goes on. */
export const framesOf = (page: Page, ms: number): Promise<Frames> =>
  page.evaluate(
    (length) =>
      new Promise<Frames>((resolve) => {
        const gaps: number[] = []
        const draws: number[] = []
        const canvas = document.querySelector<HTMLCanvasElement & { drawMs: number; drawings?: number }>('canvas')
        const began = performance.now()
        let last = began
        let drawn = canvas?.drawings
        const step = (now: number): void => {
          gaps.push(now - last)
          last = now
          // By their number: two drawings that took the same are two.
          if (canvas && canvas.drawings !== drawn) draws.push(canvas.drawMs)
          drawn = canvas?.drawings
          if (now - began < length) return void requestAnimationFrame(step)
          const late = gaps.filter((gap) => gap > 33).length / gaps.length
          resolve({ draws, gaps, late, perS: (gaps.length / (now - began)) * 1_000 })
        }
        requestAnimationFrame(step)
      }),
    ms,
  )

interface TraceEvent {
  name: string
  pid: number
  tid: number
  /** Both in µs. */
  dur?: number
  tdur?: number
  args?: { name?: string }
}

/** Tasks of the page that took more than 50 ms by the clock while something went on, in ms, and how much of a core each had: where
 *  servers and browser share two cores, a short task waits long for its turn, and only the page's own share can be judged. */
export const slowTasks = async (
  page: Page,
  during: () => Promise<unknown>,
): Promise<{ ms: number; coreMs: number }[]> => {
  const session = await page.context().newCDPSession(page)
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => events.push(...(value as unknown as TraceEvent[])))
  await session.send('Tracing.start', { traceConfig: { includedCategories: ['toplevel'] } })
  await during()
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve))
  await session.send('Tracing.end')
  await complete
  await session.detach()
  const idOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`
  const mains = new Set(events.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(idOf)) // prettier-ignore
  return events
    .filter((event) => mains.has(idOf(event)) && event.name.endsWith('RunTask') && (event.dur ?? 0) > 50_000)
    .map(({ dur = 0, tdur = 0 }) => ({ ms: dur / 1_000, coreMs: tdur / 1_000 }))
}

/** Notes on every page when a drawing that knew so many runs was painted, in ms since the page was asked for. */
export const stampFirstPicture = (page: Page, runs: number): Promise<unknown> =>
  page.addInitScript((least) => {
    const painted = new Promise<number>((resolve) => {
      const look = (): void => {
        const canvas = document.querySelector<HTMLCanvasElement & { drawnRuns?: number }>('canvas')
        if ((canvas?.drawnRuns ?? 0) < least) return void requestAnimationFrame(look)
        // The drawing was made in this frame or the one before: a message comes after this one is painted.
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = () => resolve(performance.now())
        port2.postMessage(0)
      }
      requestAnimationFrame(look)
    })
    Object.assign(globalThis, { firstPicture: painted })
  }, runs)

/** When that was. */
export const firstPicture = (page: Page): Promise<number> =>
  page.evaluate(() => (globalThis as unknown as { firstPicture: Promise<number> }).firstPicture)

/** What the page keeps in memory, in MB, after what is garbage has gone. */
export const heapMb = async (page: Page): Promise<number> => {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  const { usedSize } = await session.send('Runtime.getHeapUsage')
  await session.detach()
  return usedSize / 1_048_576
}

/** Once the chart has drawn so many runs. The stream brings some first: lanes that are there say nothing of the others. */
export const filled = (page: Page, runs: number): Promise<unknown> =>
  page.waitForFunction(
    (least) => (document.querySelector<HTMLCanvasElement & { drawnRuns?: number }>('canvas')?.drawnRuns ?? 0) >= least,
    runs,
    { polling: 'raf' },
  )
