// Commands of one moment: the first leaves at once, the others together, none waits for the next moment.
import { Writable } from 'node:stream'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createGather } from './gather.ts'

/** A stream that tells what each of its writes was. */
const recorder = (): { stream: Writable; writes: string[] } => {
  const writes: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string, _encoding, done) {
      writes.push(chunk)
      done()
    },
    writev(chunks, done) {
      writes.push(chunks.map(({ chunk }) => String(chunk)).join(''))
      done()
    },
  })
  return { stream, writes }
}

const senderTo = (stream: Writable): ((text: string) => void) => {
  const gather = createGather(() => stream)
  return (text) => {
    gather.next()
    stream.write(text)
  }
}

test('one that comes alone leaves at once, again and again', async () => {
  const { stream, writes } = recorder()
  const send = senderTo(stream)
  for (const text of ['a', 'b', 'c']) {
    send(text)
    expect(writes.at(-1)).toBe(text)
    await nextTurn()
  }
})

test('of many the first leaves at once and the rest together, before anything else happens', async () => {
  const { stream, writes } = recorder()
  const send = senderTo(stream)
  const timer = new Promise<number>((resolve) => setImmediate(() => resolve(writes.length)))
  await Promise.all(
    Array.from('abcd', async (text, hops) => {
      for (let n = 0; n <= hops; n++) await Promise.resolve()
      send(text)
    }),
  )
  expect(await timer).toBe(2)
  expect(writes).toEqual(['a', 'bcd'])
})

test('very many leave in several writes, in order', async () => {
  const { stream, writes } = recorder()
  const send = senderTo(stream)
  for (let n = 0; n < 40; n++) send(`${n} `)
  expect(writes).toHaveLength(3)
  await nextTurn()
  expect(writes).toHaveLength(4)
  expect(writes.join('')).toBe(Array.from({ length: 40 }, (_, n) => `${n} `).join(''))
})

test('what is gathered goes to the stream it was made for, also when another takes its place meanwhile', async () => {
  const streams = [recorder(), recorder()]
  let current = 0
  const gather = createGather(() => streams[current]?.stream)
  const send = (text: string): void => {
    gather.next()
    streams[current]?.stream.write(text)
  }
  for (const text of ['a', 'b', 'c']) send(text)
  current = 1
  send('d')
  await nextTurn()
  send('e')
  await nextTurn()
  expect(streams.map(({ writes }) => writes)).toEqual([
    ['a', 'bc'],
    ['d', 'e'],
  ])
})
