// When an operation goes on, waits or stops, by how its items fare.
import { describe, expect, test } from 'vitest'
import type { Fate } from './kind.ts'
import { boundariesOf, judgeRest, judgeStep } from './policy.ts'

const words: Record<string, Fate> = {
  p: 'pending',
  f: 'failing',
  g: 'good',
  b: 'bad',
  o: 'otherwise',
  n: 'none',
  c: 'cancelled',
  x: 'gone',
}
const fates = (text: string): Fate[] => Array.from(text, (letter) => words[letter] as Fate)

describe('a step', () => {
  test.each([
    ['g', false, 'go_on'],
    ['b', false, 'stop'],
    ['p', false, 'wait'],
    ['f', false, 'wait'],
    ['gggggbbbbb', false, 'go_on'],
    ['ggggbbbbbb', false, 'stop'],
    ['gggggggggp', false, 'wait'],
    ['gggggggggp', true, 'stop'],
    ['ggggffffff', true, 'stop'],
    ['gggggfffff', true, 'go_on'],
    ['nnn', false, 'stop'],
    ['nng', false, 'go_on'],
    ['nnb', false, 'stop'],
    ['gooooooooo', false, 'go_on'],
    ['gooobbbbbb', false, 'stop'],
    ['o', false, 'stop'],
    ['nooo', false, 'stop'],
  ])('%s, out of time %s: %s', (text, overdue, say) => {
    expect(judgeStep(fates(text), 0.5, overdue).say).toBe(say)
  })

  test('says how many failed and how many came to nothing', () => {
    expect(judgeStep(fates('gbbb'), 0.5, false)).toEqual({
      say: 'stop',
      reason: '3 of the 4 looked at last failed again; above 50 % it stops.',
    })
    expect(judgeStep(fates('gp'), 0.5, true)).toEqual({
      say: 'stop',
      reason: '1 of the 2 tried last came to no result in time.',
    })
  })

  test('in which nothing came through stops, whatever the causes', () => {
    expect(judgeStep(fates('oob'), 0.5, false)).toEqual({
      say: 'stop',
      reason: 'None of the 3 looked at last came through: 1 failed again, 2 for another reason.',
    })
  })

  test('of which nothing could be done stops: nothing is known then', () => {
    expect(judgeStep(fates('nn'), 0.5, false)).toEqual({
      say: 'stop',
      reason: 'None of the 2 tried last could be done.',
    })
  })

  test('without a share stops for nothing that failed', () => {
    expect(judgeStep(fates('cc'), 0.5, false).say).toBe('stop')
    expect(judgeStep(fates('occ'), 0.5, false).say).toBe('stop')
    expect(judgeStep(fates('gcx'), 0.5, false).say).toBe('go_on')
    expect(judgeStep(fates('nn'), null, false).say).toBe('go_on')
    expect(judgeStep(fates('bbbb'), null, false).say).toBe('go_on')
    expect(judgeStep(fates('oooo'), null, false).say).toBe('go_on')
  })
})

test('the rest is judged when ten have ended, by the last of them', () => {
  const ended = (bad: number, of: number) => fates('b'.repeat(bad) + 'g'.repeat(of - bad))
  expect(judgeRest(ended(9, 9), 0.5).say).toBe('go_on')
  expect(judgeRest(ended(6, 10), 0.5).say).toBe('stop')
  expect(judgeRest(ended(25, 50), 0.5).say).toBe('go_on')
  expect(judgeRest(ended(50, 50), null).say).toBe('go_on')
  expect(judgeRest(fates(`${'o'.repeat(9)}g`), 0.5).say).toBe('go_on')
  expect(judgeRest(fates('o'.repeat(10)), 0.5).say).toBe('stop')
})

test('steps end where their sums are', () => {
  expect(boundariesOf([1, 10, 100])).toEqual([1, 11, 111])
})
