// A bag: what was put in is there until it is taken out, whatever else comes and goes.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBag } from './bag.ts'

test('it holds what a Set would hold, whatever is put in and taken out in which order, and however often', () => {
  fc.assert(
    fc.property(fc.array(fc.option(fc.nat(30))), (steps) => {
      const bag = createBag<number>()
      const known = new Set<number>()
      const takeOut: { thing: number; out: () => void }[] = []
      steps.forEach((step, thing) => {
        const taken = step === null ? undefined : takeOut[step]
        if (taken) {
          taken.out()
          known.delete(taken.thing)
        } else {
          takeOut.push({ thing, out: bag.add(thing) })
          known.add(thing)
        }
        expect([...bag].sort((a, b) => a - b)).toEqual([...known].sort((a, b) => a - b))
        expect(bag.size).toBe(known.size)
      })
    }),
  )
})

test('looking at all of them passes by what is taken out and what is put in meanwhile', () => {
  const bag = createBag<string>()
  const [, , takeOutC] = ['a', 'b', 'c'].map((thing) => bag.add(thing))
  const seen: string[] = []
  for (const thing of bag) {
    seen.push(thing)
    takeOutC?.()
    bag.add('late')
  }
  expect(seen).toEqual(['a', 'b'])
  expect([...bag].sort()).toEqual(['a', 'b', 'late', 'late'])
})
