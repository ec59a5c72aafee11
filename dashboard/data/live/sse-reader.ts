// Reads a `text/event-stream` body as messages: bytes may be cut anywhere, lines end in any of the three ways.

export interface Message {
  id: string | undefined
  data: string
}

const readMessage = (block: string): Message | undefined => {
  const data: string[] = []
  let id: string | undefined
  for (const line of block.split('\n')) {
    const [, field, value] = /^(\w+): ?(.*)$/s.exec(line) ?? []
    if (field === 'data') data.push(value ?? '')
    if (field === 'id') id = value
  }
  return data.length === 0 ? undefined : { id, data: data.join('\n') }
}

/** Answers a function that takes text as it comes and gives back the messages that are complete by then. */
export const messageReader = (): ((chunk: string) => Message[]) => {
  let rest = ''
  return (chunk) => {
    // A chunk may end between the two halves of CRLF: the lone CR waits for the next one.
    const whole = rest + chunk
    const cut = whole.endsWith('\r') ? whole.length - 1 : whole.length
    const blocks = whole.slice(0, cut).replace(/\r\n?/g, '\n').split('\n\n')
    rest = (blocks.pop() ?? '') + whole.slice(cut)
    return blocks.map(readMessage).filter((message) => message !== undefined)
  }
}
