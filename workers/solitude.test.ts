// The lock that lets a suspect run alone.
import { expect, test } from 'vitest'
import { createSolitude } from './solitude.ts'

const never = new AbortController().signal
const order = () => {
  const seen: string[] = []
  return { seen, note: (name: string) => () => seen.push(name) }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('those who share enter at once while nobody is alone or waits to be', async () => {
  const solitude = createSolitude()
  const first = solitude.enter()
  const second = solitude.enter()
  const suspect = solitude.alone(never)
  expect(solitude.enter()).toBeUndefined()
  first?.()
  second?.()
  const { release } = await suspect
  expect(solitude.enter()).toBeUndefined()
  release()
  expect(solitude.enter()).toBeTypeOf('function')
})

test('one alone waits for all others, and those who come later wait for it', async () => {
  const solitude = createSolitude()
  const { seen, note } = order()
  const [first, second] = [await solitude.share(never), await solitude.share(never)]
  const suspect = solitude.alone(never)
  void suspect.then(note('suspect'))
  const later = Promise.resolve(solitude.share(never))
  void later.then(note('later'))
  first()
  await turn()
  expect(seen).toEqual([])
  second()
  const { release } = await suspect
  await turn()
  expect(seen).toEqual(['suspect'])
  release()
  await later
  expect(seen).toEqual(['suspect', 'later'])
})

test('two suspects run one after the other, in the order they came', async () => {
  const solitude = createSolitude()
  const { seen, note } = order()
  const one = solitude.alone(never)
  const two = solitude.alone(never)
  void two.then(note('two'))
  const { release } = await one
  await turn()
  expect(seen).toEqual([])
  release()
  release() // counts once
  await two
})

test('a suspect that is aborted while it waits leaves its place and holds up nobody', async () => {
  const solitude = createSolitude()
  const abort = new AbortController()
  const holder = await solitude.share(never)
  const suspect = solitude.alone(abort.signal)
  const later = Promise.resolve(solitude.share(never))
  abort.abort(new Error('stopped'))
  await expect(suspect).rejects.toThrow('stopped')
  await later
  holder()
  ;(await later)()
  ;(await solitude.alone(never)).release()
})

test('a suspect that loses patience runs beside those who do not end, with nobody else', async () => {
  const solitude = createSolitude()
  const { seen, note } = order()
  const patience = Promise.withResolvers<undefined>()
  const asked: string[] = []
  const begin = (name: string) => () => {
    asked.push(name)
    return name === 'one' ? patience.promise : new Promise(() => undefined)
  }
  const holder = await solitude.share(never)
  const one = solitude.alone(never, begin('one'))
  const later = solitude.share(never)
  const two = solitude.alone(never, begin('two'))
  void later.then(note('later'))
  // Only whoever is next has anything to lose patience with.
  expect(asked).toEqual(['one'])
  patience.resolve(undefined)
  const { release, isAlone } = await one
  await turn()
  expect([isAlone, seen]).toEqual([false, []])
  release()
  const leave = await later
  holder()
  leave()
  expect((await two).isAlone).toBe(true)
})
