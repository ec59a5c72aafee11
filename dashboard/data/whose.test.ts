// The next to sign in on a page gets nothing that it holds of whoever was there, and whoever comes back finds what was theirs.
import { expect, test, vi } from 'vitest'
import { session, type Session } from './session.ts'
import { isHere, letIn } from './whose.ts'

const sessionOf = (id: string): Session => ({
  ...{ id, name: 'Ada', kind: 'session', tier: 'standard', scopes: [], queues: ['*'] },
  ...{ subscriber: null, csrf_token: 'x', expires_at: null },
})

test('a page begins anew for another person, by their id: names are not unique', () => {
  const page = { forget: vi.fn(), reload: vi.fn() }
  letIn(sessionOf('key_1'), page)
  expect(session.standing).toMatchObject({ state: 'in', session: { id: 'key_1' } })
  isHere('key_1')
  session.closed()
  letIn(sessionOf('key_1'), page)
  expect([session.standing.state, page.reload.mock.calls.length]).toEqual(['in', 0])
  session.closed()
  letIn(sessionOf('key_2'), page)
  expect(session.standing.state).toBe('out')
  expect([page.forget, page.reload].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  expect(page.forget.mock.invocationCallOrder[0]).toBeLessThan(page.reload.mock.invocationCallOrder[0] ?? 0)
})
