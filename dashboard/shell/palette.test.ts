// The palette finds what is meant, and never sends anybody elsewhere.
import { expect, test } from 'vitest'
import { fitting, type Item } from './palette.ts'
import { remembered, visitedIn } from './visits.ts'

const item = (kind: Item['kind'], label: string, also = ''): Item => ({
  id: `${kind} ${label}`,
  kind,
  label,
  also,
  run: () => undefined,
})
const items = [
  item('Recent', 'Job t_1'),
  item('Page', 'Webhooks'),
  item('Page', 'Jobs'),
  item('Command', 'Go to Jobs'),
  item('Queue', 'mail.send'),
  item('Queue', 'mail'),
  item('Schedule', 'Nightly digest', 'mail.digest'),
]
const found = (typed: string): string[] => fitting(items, typed).map(({ label }) => label)

test('nothing typed shows where one was and the pages', () => {
  expect(found('')).toEqual(['Job t_1', 'Webhooks', 'Jobs'])
})

test('the whole name comes before its beginning, and that before other words it is found by', () => {
  expect(found('mail')).toEqual(['mail', 'mail.send', 'Nightly digest'])
  expect(found('JOBS')).toEqual(['Jobs', 'Go to Jobs'])
  expect(found('digest')).toEqual(['Nightly digest'])
  expect(found('zzz')).toEqual([])
})

test('each thing is offered once, and not more than one can see', () => {
  expect(fitting([...items, ...items], 'mail')).toHaveLength(3)
  expect(fitting(items, 'o', 1)).toHaveLength(1)
})

test('where one was is kept newest first; what leads elsewhere is not taken', () => {
  const [a, b] = [{ href: '/a', title: 'A' }, { href: '/b', title: 'B' }] // prettier-ignore
  expect(remembered([a, b], b)).toEqual([b, a])
  expect(remembered([a, b], { href: '/c', title: 'C' }, 2)).toEqual([{ href: '/c', title: 'C' }, a])
  expect(visitedIn(JSON.stringify([a, { href: '//evil.test', title: 'x' }, { href: 'javascript:x', title: 'x' }, 5]))).toEqual([a]) // prettier-ignore
  expect([visitedIn(null), visitedIn('{'), visitedIn('{}')]).toEqual([[], [], []])
})
