// That Prometheus can read what is told, whatever names others chose.
import { expect, test } from 'vitest'
import { exposition, family } from './exposition.ts'

test('names of any text are escaped, and figures that are none are told as Prometheus writes them', () => {
  const text = exposition([
    family('gauge', 'k1n_jobs', 'How many\njobs.', [
      { labels: { queue: 'a"b\\c\nd', state: 'waiting' }, value: 3 },
      { labels: { queue: 'x' }, value: Infinity },
      { value: NaN },
    ]),
    family('counter', 'k1n_empty_total', 'Nothing yet.', []),
    family('counter', 'k1n_one_total', 'One.', 1),
  ])
  expect(text).toBe(
    '# HELP k1n_jobs How many\\njobs.\n# TYPE k1n_jobs gauge\n' +
      'k1n_jobs{queue="a\\"b\\\\c\\nd",state="waiting"} 3\nk1n_jobs{queue="x"} +Inf\nk1n_jobs NaN\n' +
      '# HELP k1n_one_total One.\n# TYPE k1n_one_total counter\nk1n_one_total 1\n',
  )
})
