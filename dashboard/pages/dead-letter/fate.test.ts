// Somebody else was faster: who, and what they did.
import { expect, test } from 'vitest'
import { fateAfter, fateWords } from './fate.ts'

const told = (event: string, dlq_id = 'mail:t_1~5') => ({ event, data: { dlq_id, actor: 'Grace' } })

test('who resubmits or discards a dead letter is known by name', () => {
  const resubmitted = fateAfter(undefined, 'mail:t_1~5', told('dlq:entry-resubmitted'))
  expect(resubmitted && fateWords(resubmitted)).toBe('Grace resubmitted it')
  const discarded = fateAfter(undefined, 'mail:t_1~5', told('dlq:entry-discarded'))
  expect(discarded && fateWords(discarded)).toBe('Grace discarded it')
})

test('what is brought back is open again, and events of others change nothing', () => {
  const discarded = { is: 'discarded', by: 'Grace' } as const
  expect(fateAfter(discarded, 'mail:t_1~5', told('dlq:entry-restored'))).toBeUndefined()
  expect(fateAfter(discarded, 'mail:t_1~5', told('dlq:entry-restored', 'mail:t_2~5'))).toBe(discarded)
  expect(fateAfter(discarded, 'mail:t_1~5', told('dlq:entry-remarked'))).toBe(discarded)
})
