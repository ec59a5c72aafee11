// Every fact has an example, and every example is what its fact can be.
import { expect, test } from 'vitest'
import { exampleOf } from './event-examples.ts'
import { events } from './events.ts'

test.each(events.map((kind) => [kind.name, kind] as const))(
  '%s has an example in shared/event-examples.ts',
  (name, kind) => {
    const example = exampleOf(name)
    expect(example, `give ${name} an example in shared/event-examples.ts`).toBeDefined()
    expect(kind.data.parse(example)).toEqual(example)
  },
)
