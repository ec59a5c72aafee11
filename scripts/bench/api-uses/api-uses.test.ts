// Row 21 asks every operation there is: one that is new is used, or left out for a reason.
import { expect, test } from 'vitest'
import { rowsOf } from '../../../api/http/check.ts'
import { contract } from '../../../shared/contract.ts'
import { CHAINS, LEFT_OUT, forgotten } from './api-uses.ts'

test('every operation is used or left out for a reason', () => {
  const advice = 'use it in scripts/bench/api-uses, or say in LEFT_OUT of api-uses.ts there why it is not measured'
  expect(forgotten(), advice).toEqual([])
})

test('nothing is used or left out that is no operation', () => {
  const all = new Set(rowsOf(contract).map(([, { operationId }]) => operationId))
  const said = [...CHAINS.flat().map(({ id }) => id), ...Object.keys(LEFT_OUT)]
  expect(said.filter((id) => !all.has(id))).toEqual([])
})
