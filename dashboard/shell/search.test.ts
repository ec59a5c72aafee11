// The search box must guess right for what people paste.
import { expect, test } from 'vitest'
import { targetOf } from './search.ts'

test.each([
  ['mail.send:t_0198', { page: 'job', id: 'mail.send:t_0198' }],
  [' t_0198aaaa-bbbb ', { page: 'job', id: 't_0198aaaa-bbbb' }],
  ['s_nightly_1774746000000', { page: 'job', id: 's_nightly_1774746000000' }],
  ['mail.send:42~lk3j2', { page: 'deadLetter', id: 'mail.send:42~lk3j2' }],
  ['state:failed', { page: 'jobs', q: 'state:failed' }],
  ['greylisted', { page: 'jobs', q: 'greylisted' }],
  ['two words', { page: 'jobs', q: 'two words' }],
  ['   ', undefined],
])('%j means %j', (typed, target) => {
  expect(targetOf(typed)).toEqual(target)
})
