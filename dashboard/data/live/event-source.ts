// Listening over server-sent events, read with fetch so that a refusal can be told from silence.
import { parseFrame } from './frames.ts'
import { messageReader } from './sse-reader.ts'
import { gatherWants } from './wanted.ts'
import type { Hears, OpenWire } from './wire.ts'

interface Place {
  cursor: string | undefined
}

const address = (url: string, topics: string[], after: string | undefined): string =>
  `${url}?${new URLSearchParams({ topics: topics.join(','), ...(after && { after }) }).toString()}`

const readAll = async (body: ReadableStream<Uint8Array>, hears: Hears, place: Place): Promise<void> => {
  const read = messageReader()
  for await (const chunk of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    for (const message of read(chunk)) {
      place.cursor = message.id ?? place.cursor
      const frame = parseFrame(message.data)
      if (frame) hears.frame(frame)
    }
    // What keeps the line open says nothing else, and is heard.
    hears.frame({ type: 'pong', at: undefined, cursor: undefined })
  }
}

/** Answers how to open an event stream at `url`; changing topics opens a new one where the old one ended. */
export const openEventSource =
  (url: string, get: typeof fetch = fetch): OpenWire =>
  (hears) => {
    const over = new AbortController()
    const place: Place = { cursor: undefined }
    let current: AbortController | undefined

    const run = async (topics: string[], mine: AbortController): Promise<void> => {
      const signal = AbortSignal.any([over.signal, mine.signal])
      const response = await get(address(url, topics, place.cursor ?? wanted.after()), {
        headers: { accept: 'text/event-stream' },
        credentials: 'same-origin',
        signal,
      })
      if (!response.ok || !response.body) throw new Error(`refused with ${response.status}`)
      await readAll(response.body, hears, place)
      throw new Error('the stream ended')
    }
    const end = (mine: AbortController) => (): void => {
      if (over.signal.aborted || mine.signal.aborted) return
      over.abort()
      hears.closed()
    }
    const restart = (): void => {
      current?.abort()
      const topics = wanted.topics()
      if (topics.length === 0 || over.signal.aborted) return
      const mine = (current = new AbortController())
      run(topics, mine).catch(end(mine))
    }
    const wanted = gatherWants(restart)
    queueMicrotask(() => {
      if (!over.signal.aborted) hears.open()
    })
    return { ...wanted, ping: () => undefined, close: () => over.abort() }
  }
