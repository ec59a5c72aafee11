// Every fact has an example, and every example is what its fact can be.
import { createEventLog } from './stream/log.ts'
import { fact } from './kernel/event.ts'
import type { EventKind } from './kernel/event.ts'
import { expect, test } from '../test/support/fixtures.ts'
import { exampleOf } from './event-examples.ts'
import { events } from './events.ts'

test.each(events.map((kind) => [kind.name, kind] as const))(
  '%s has an example in shared/event-examples.ts',
  (name, kind) => {
    const example = exampleOf(name)
    expect(example, `give ${name} an example in shared/event-examples.ts`).toBeDefined()
    expect(kind.data.safeParse(example), `the example of ${name} is not of its schema`).toEqual({
      success: true,
      data: example,
    })
  },
)

test('each is told as it was appended', async ({ kernel }) => {
  const log = createEventLog(kernel)
  const at = kernel.clock.now()
  // Who has none is told above.
  const shown = events.filter(({ name }) => exampleOf(name) !== undefined)
  expect(shown.length).toBeGreaterThan(events.length / 2)
  const told = shown.map((kind: EventKind) => ({ name: kind.name, data: exampleOf(kind.name) }))
  await log.append(shown.map((kind: EventKind) => fact(kind, at, exampleOf(kind.name))))
  const read = await log.readAfter('0-0', shown.length)
  expect(read.map(({ name, data }) => ({ name, data: JSON.parse(data) as unknown }))).toEqual(told)
})
