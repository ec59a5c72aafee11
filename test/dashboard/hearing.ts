// What a page is told by one way of listening, word for word: what comes by a stream that never ends can be read nowhere else whole.
import type { Page } from 'playwright-core'
import type { Way } from './between.ts'

export const WAYS = ['ws', 'sse', 'poll'] as const satisfies readonly Way[]

interface Notes {
  noteTold(text: string): Promise<void>
}

/** Shuts the ways above this one, and notes what comes by it before the page can take it in. */
const shutAbove = (way: Way): void => {
  const note = (text: string): Promise<void> => (globalThis as unknown as Notes).noteTold(text)
  const shut = function (): never {
    throw new Error('shut for this test')
  }
  const noteStream = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const texts = stream.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
    for await (const text of texts) await note(text)
  }
  Object.assign(globalThis, { WebSocket: shut, EventSource: shut })
  const ask = globalThis.fetch
  globalThis.fetch = async (...call) => {
    const url = call[0] instanceof Request ? call[0].url : String(call[0])
    if (url.includes('/stream/sse') && way === 'poll') return shut()
    const reply = await ask(...call)
    if (url.includes('/stream/events')) await note(await reply.clone().text())
    if (!url.includes('/stream/sse') || !reply.body) return reply
    const [mine, theirs] = reply.body.tee()
    // It ends when the page lets go of it.
    noteStream(mine).catch(() => undefined)
    return new Response(theirs, reply)
  }
}

/** Comes before the page is opened. Leaves it this way of listening and those below, and answers how to know all it was told. */
export const openHearing = async (page: Page, way: Way): Promise<() => string> => {
  let told = ''
  const note = (text: string): void => void (told += text)
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => note(String(payload))))
  await page.exposeFunction('noteTold' satisfies keyof Notes, note)
  if (way !== 'ws') await page.addInitScript(shutAbove, way)
  return () => told
}
