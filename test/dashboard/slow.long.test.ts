// A client whose machine and line are slow: each number it shows is held against what the server had two seconds before, at every moment
// of a stretch and not now and then, and whoever else looks notices nothing of it.
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { furnish, openSite } from './browser.ts'
import type { Site, Visit } from './browser.ts'
import { pause } from './measure.ts'

const SECONDS = 20
/** 10,000 events a minute: each job is told when it begins and when it ends. */
const PER_S = 84
const OLD_MS = 2_000
let site: Site

beforeAll(async () => {
  site = await openSite()
  await furnish(site.stack)
  // What is added there stays and waits, so that the number only grows.
  await site.stack.client.queues.pause({ params: { queue: 'media' } })
})
afterAll(() => site.close())

/** How many there were from then on, by the word of the server. */
interface Known {
  at: number
  many: number
}

const report = { name: 'demo.report', data: { title: 'Today', takes_ms: 5 } }
const recording = { name: 'demo.encode', data: { recording: 'r', steps: 1, takes_ms: 5 } }

/** Adds jobs for the stretch, one in four to the queue that stands still, and notes what the server has when it says so. */
const handIn = async (): Promise<{ all: Known[]; waiting: Known[] }> => {
  const [all, waiting]: Known[][] = [[], []]
  const began = Date.now()
  let added = 0
  for (; Date.now() - began < SECONDS * 1_000; await pause(50)) {
    const due = Math.floor(((Date.now() - began) / 1_000) * PER_S)
    if (due === added) continue
    const jobs = Array.from({ length: due - added }, (_, n) => ((added + n) % 4 === 3 ? recording : report))
    await site.stack.client.jobs.createMany({ body: { jobs } })
    added = due
    const at = Date.now()
    all?.push({ at, many: added })
    waiting?.push({ at, many: Math.floor(added / 4) })
  }
  return { all: all ?? [], waiting: waiting ?? [] }
}

/** Notes each number that an element comes to show, once the frame that shows it is painted. */
const watchNumber = (page: Page, path: string): Promise<void> =>
  page.evaluate((xpath) => {
    const shown: Known[] = []
    Object.assign(globalThis, { shownNumbers: shown })
    const read = (): number => {
      const found = document.evaluate(xpath, document, null, XPathResult.FIRST_ORDERED_NODE_TYPE).singleNodeValue
      return found ? Number.parseInt(found.textContent?.replaceAll(/\D/g, '') ?? '', 10) : 0
    }
    const note = (): void => {
      const many = read()
      const { port1, port2 } = new MessageChannel()
      port1.onmessage = () => Object.is(many, shown.at(-1)?.many) || shown.push({ at: Date.now(), many })
      port2.postMessage(0)
    }
    let due = false
    const look = (): void => {
      if (due) return
      due = true
      requestAnimationFrame(() => {
        due = false
        note()
      })
    }
    look()
    new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true })
  }, path)

const numbersOf = async (page: Page): Promise<Known[]> => {
  const shown = await page.evaluate(() => (globalThis as unknown as { shownNumbers: Known[] }).shownNumbers)
  return [...shown, { at: Date.now(), many: Infinity }]
}

/** How old each number was when the next one took its place: so long ago the server had had more than it. */
const agesOf = (shown: readonly Known[], known: readonly Known[]): number[] =>
  shown.slice(1).map(({ at }, place) => {
    if (Number.isNaN(shown[place]?.many)) return 0
    const before = (shown[place]?.many ?? 0) - (shown[0]?.many ?? 0)
    const more = known.find(({ many }) => many > before)
    return more === undefined ? 0 : Math.max(0, at - more.at)
  })

const slowDown = async ({ context, page }: Visit): Promise<void> => {
  const cdp = await context.newCDPSession(page)
  await cdp.send('Emulation.setCPUThrottlingRate', { rate: 6 })
  await cdp.send('Network.enable')
  await cdp.send('Network.emulateNetworkConditions', { offline: false, latency: 0, downloadThroughput: 50_000, uploadThroughput: 50_000 }) // prettier-ignore
}

const countSockets = (page: Page): { many: number } => {
  const sockets = { many: 0 }
  page.on('websocket', () => (sockets.many += 1))
  return sockets
}

const waitingAt = '//tr[.//a[normalize-space()="media"]]/td[3]'
const vitalWaiting = '//ul[@aria-label="Vitals"]/li[p="Waiting"]/p[2]/span[1]'
const numbers = [
  { what: 'what waits in all queues', path: '/', of: 'waiting', at: vitalWaiting },
  { what: 'what waits in a queue of the overview', path: '/', of: 'waiting', at: waitingAt },
  { what: 'the number of new jobs', path: '/jobs', of: 'all', at: '//button[contains(., " new job")]' },
  { what: 'what waits in a queue', path: '/queues', of: 'waiting', at: waitingAt },
] as const

test.each(numbers)(
  'on a slow machine and a slow line $what is never older than two seconds, and nobody else loses the connection for it',
  async ({ path, of, at }) => {
    const [slow, other] = await Promise.all([site.visit(), site.visit()])
    const both = [slow, other]
    const sockets = both.map(({ page }) => countSockets(page))
    for (const visit of both) {
      await visit.open(path)
      await visit.page.getByText(/^Live,/).waitFor()
    }
    await slowDown(slow)
    for (const { page } of both) await watchNumber(page, at)
    const known = (await handIn())[of]
    const words = await slow.page.locator('header .status').innerText()
    for (const [place, { page }] of both.entries()) {
      const shown = await numbersOf(page)
      const ages = agesOf(shown, known)
      console.log(`${path}, ${['slow', 'other'][place]}: ${known.at(-1)?.many} came, ${shown.length} numbers, the oldest ${Math.max(...ages)} ms; ${words}; ${ages.length < 60 ? ages.join(' ') : ''}`) // prettier-ignore
      expect.soft(shown.length).toBeGreaterThan(5)
      // Told of less than came it says "Show new jobs", and no number again.
      const unsure = shown.findIndex(({ many }) => Number.isNaN(many))
      if (unsure >= 0) expect.soft(shown.length).toBe(unsure + 2)
      expect.soft(Math.max(...ages)).toBeLessThanOrEqual(OLD_MS)
    }
    expect(words).toMatch(/^Live/)
    expect(sockets.map(({ many }) => many)).toEqual([1, 1])
    expect([...slow.mishaps, ...other.mishaps]).toEqual([])
    await Promise.all(both.map((visit) => visit.close()))
  },
)
