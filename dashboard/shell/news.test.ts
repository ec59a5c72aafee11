// What happens in the fleet is said once, soon, and never so often that nobody can listen.
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Announcer, newsOf, newsWords } from './news.ts'

const change = (service: string, from: string, to: string) => ({ event: 'circuit-breaker:state-change', data: { service, from, to } }) // prettier-ignore
const alert = (id: string, title: string) => ({ event: 'alert:firing', data: { alert_id: id, title } })
const ended = (id: string, status: string) => ({ event: 'operation:finished', data: { operation_id: id, kind: 'dlq.resubmit', status } }) // prettier-ignore

beforeEach(() => {
  vi.useFakeTimers({ now: 0 })
})
afterEach(() => {
  vi.useRealTimers()
})

const announced = (): { said: string[]; announcer: Announcer } => {
  const said: string[] = []
  return { said, announcer: new Announcer((words) => words !== '' && said.push(words)) }
}

test.each([
  ['closed', 'open', 'opened'],
  ['disabled', 'forced_open', 'opened'],
  ['half_open', 'open', undefined],
  ['open', 'forced_open', undefined],
  ['open', 'half_open', undefined],
  ['forced_open', 'half_open', undefined],
  ['half_open', 'closed', 'closed'],
  ['open', 'disabled', 'closed'],
  ['closed', 'forced_closed', undefined],
])('a breaker that goes from %s to %s is %s', (from, to, kind) => {
  expect(newsOf(change('crm', from, to))?.kind).toBe(kind)
})

test('what happens to jobs and workers is not said', () => {
  expect(newsOf({ event: 'job:completed', data: {} })).toBeUndefined()
  expect(newsOf({ event: 'alert:resolved', data: {} })).toBeUndefined()
})

test('few are named, many are counted, and the worst comes first', () => {
  const words = (...events: Parameters<typeof newsOf>[0][]): string => newsWords(events.flatMap((event) => newsOf(event) ?? [])) // prettier-ignore
  expect(words(change('crm', 'closed', 'open'))).toBe('The breaker of crm opened.')
  expect(words(ended('1', 'failed'), change('a', 'half_open', 'closed'), change('b', 'half_open', 'closed'))).toBe(
    'The breakers of a and b closed. Resubmitting dead letters has failed.',
  )
  const many = ['a', 'b', 'c', 'd'].map((service) => change(service, 'closed', 'open'))
  expect(words(alert('1', 'Queue mail waits 2 min'), ...many)).toBe('4 breakers opened. Alert: Queue mail waits 2 min.')
  expect(words(alert('1', 'One'), alert('2', 'Two'), ended('1', 'failed'), ended('2', 'succeeded'))).toBe('2 alerts fired. 2 operations have ended.') // prettier-ignore
})

test('the first is said within a second, and what follows together after ten', () => {
  const { said, announcer } = announced()
  announcer.heard(change('crm', 'closed', 'open'))
  vi.advanceTimersByTime(1_000)
  expect(said).toEqual(['The breaker of crm opened.'])
  announcer.heard(change('crm', 'half_open', 'closed'))
  announcer.heard(alert('1', 'Queue mail waits 2 min'))
  vi.advanceTimersByTime(9_000)
  expect(said).toHaveLength(1)
  vi.advanceTimersByTime(1_000)
  expect(said).toEqual(['The breaker of crm opened.', 'Alert: Queue mail waits 2 min. The breaker of crm closed.'])
})

test('of a breaker that came and went while nothing was said the last is said', () => {
  const { said, announcer } = announced()
  announcer.heard(change('crm', 'closed', 'open'))
  announcer.heard(change('crm', 'half_open', 'closed'))
  vi.advanceTimersByTime(1_000)
  expect(said).toEqual(['The breaker of crm closed.'])
})

test('a minute in which all happens at once is six sentences at most, and the same can be said again', () => {
  const texts: string[] = []
  const announcer = new Announcer((words) => texts.push(words))
  for (let at = 0; at < 600; at++) {
    announcer.heard(change('crm', 'closed', 'open'))
    vi.advanceTimersByTime(100)
  }
  announcer.stop()
  const said = texts.filter((words) => words !== '')
  expect(said.length).toBeGreaterThan(4)
  expect(said.length).toBeLessThanOrEqual(6)
  expect(texts.slice(0, 3)).toEqual(['The breaker of crm opened.', '', 'The breaker of crm opened.'])
})
