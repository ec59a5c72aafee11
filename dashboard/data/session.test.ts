// Who is signed in, as the answers of the server have it.
import { expect, test } from 'vitest'
import { session } from './session.ts'
import type { Session } from './session.ts'

const person = { subscriber: null, scopes: [], queues: [] } as unknown as Session

test('a refusal that comes late takes nothing back of how somebody came to be out', () => {
  session.opened(person)
  session.closed()
  session.closed()
  expect(session.standing).toEqual({ state: 'out', expired: true, guest: false })
  session.opened({ ...person, subscriber: 'acme' })
  session.left()
  session.closed()
  expect(session.standing).toEqual({ state: 'out', expired: false, guest: true })
})
