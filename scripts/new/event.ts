// Makes a fact: its line in the contract of its room, its place in the list of all facts, an example, and a test that it is told whole.
import { existsSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { addImport, addToBlock, ensureImport } from './edit.ts'
import { camel, kebab, mustBe, pascal } from './names.ts'
import { Refusal, textOf } from './plan.ts'
import { SAID } from './said.ts'
import type { Maker } from './plan.ts'

const EVENTS = 'shared/events.ts'
const EXAMPLES = 'shared/event-examples.ts'

/** `queue.emptied`, and the room it belongs to where its name does not tell. */
export const event: Maker = (root, [given, into]) => {
  const name = mustBe(/^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$/, given, 'queue.emptied')
  const room = into ?? roomOf(root, name)
  const contract = wordsOf(root, room)
  if (textOf(root, contract).includes(`'${name}'`))
    throw new Refusal(`${contract} has a fact called ${name} already; take another name, or change what is there`)
  return {
    files: { [`shared/${room}/${kebab(name)}.test.ts`]: testText(name, contract) },
    edits: {
      [contract]: (text) =>
        `${ensureImport(ensureImport(text, 'event', '../kernel/event.ts'), 'z', 'zod').trimEnd()}\n\n${eventText(name)}`,
      [EVENTS]: (text) =>
        addToBlock(withRoom(text, room), 'export const events = [', `  ${camel(room)}.${pascal(name)},`, EVENTS),
      [EXAMPLES]: (text) =>
        addToBlock(text, 'const examples: Examples = {', `  '${name}': { queue: 'mail', count: 3 },`, EXAMPLES),
    },
    next: [
      `say in ${contract} what happened and what is told with it, and change its example in ${EXAMPLES}`,
      `append it where it happens: await log.append([fact(${pascal(name)}, kernel.clock.now(), { … })])`,
      'npm run format && npm run generate && npm run check',
      `npm test shared/${room}/${kebab(name)} shared/event-examples test/contract test/steps test/rooms`,
    ],
  }
}

/** A room with many facts keeps them apart from its contract. */
const wordsOf = (root: string, room: string): string => {
  const apart = `shared/${room}/events.ts`
  return existsSync(join(root, apart)) ? apart : `shared/${room}/contract.ts`
}

const withRoom = (text: string, room: string): string =>
  /* Imported already, from whichever file holds the facts. */
  text.includes(`'./${room}/contract.ts'`) || text.includes(`'./${room}/events.ts'`)
    ? text
    : addImport(text, `import * as ${camel(room)} from './${room}/contract.ts'`)

/** The room whose facts begin with the same word, or that is called by it. */
const roomOf = (root: string, name: string): string => {
  const [subject = ''] = name.split('.')
  const rooms = readdirSync(join(root, 'shared'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'kernel')
    .map((entry) => entry.name)
    .filter((room) => hasContract(root, room))
  const found =
    rooms.find((room) => room === subject || room === `${subject}s`) ??
    rooms.find((room) => textOf(root, wordsOf(root, room)).includes(`'${subject}.`))
  if (found === undefined)
    throw new Refusal(
      `no room has facts about ${subject}; name its room: npm run new event ${name} <room>, one of ${rooms.sort().join(', ')}`,
    )
  return found
}

const hasContract = (root: string, room: string): boolean =>
  readdirSync(join(root, 'shared', room)).includes('contract.ts')

const eventText = (name: string): string => `export const ${pascal(name)} = event(
  '${name}',
  '${name.replace('.', ':').replaceAll('_', '-')}',
  '${sentence(name)}',
  z.object({ queue: z.string(), count: z.int() }),
)
`

const sentence = (name: string): string => `${SAID.event}${name.replaceAll(/[._]/g, ' ')}.`

const testText = (name: string, words: string): string => `// The fact ${name} is told as it was appended.
import { fact } from '../kernel/event.ts'
import { createEventLog } from '../stream/log.ts'
import { expect, test } from '../../test/support/fixtures.ts'
import { ${pascal(name)} } from './${basename(words)}'

test('${name} keeps its name, its time and its data', async ({ kernel }) => {
  const log = createEventLog(kernel)
  const data = { queue: 'mail', count: 3 }
  const [id] = await log.append([fact(${pascal(name)}, kernel.clock.now(), data)])
  const [entry] = await log.readAfter('0-0', 10)
  expect(entry).toEqual({ id, name: '${name}', at: kernel.clock.now(), data: JSON.stringify(data) })
})
`
