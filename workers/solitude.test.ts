// The lock that lets a suspect run alone.
import { expect, test } from 'vitest'
import { stoppedClock } from '../shared/kernel/clock.ts'
import { createSolitude } from './solitude.ts'

const never = new AbortController().signal
const order = () => {
  const seen: string[] = []
  return { seen, note: (name: string) => () => seen.push(name) }
}
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('those who share enter at once while nobody is alone or waits to be', async () => {
  const solitude = createSolitude(stoppedClock())
  const first = solitude.enter()
  const second = solitude.enter()
  const suspect = solitude.alone(never, 1_000)
  expect(solitude.enter()).toBeUndefined()
  first?.()
  second?.()
  const { release } = await suspect
  expect(solitude.enter()).toBeUndefined()
  release()
  expect(solitude.enter()).toBeTypeOf('function')
})

test('one alone waits for all others, and those who come later wait for it', async () => {
  const solitude = createSolitude(stoppedClock())
  const { seen, note } = order()
  const [first, second] = [await solitude.share(never), await solitude.share(never)]
  const suspect = solitude.alone(never, 1_000)
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
  const solitude = createSolitude(stoppedClock())
  const { seen, note } = order()
  const one = solitude.alone(never, 1_000)
  const two = solitude.alone(never, 1_000)
  void two.then(note('two'))
  const { release } = await one
  await turn()
  expect(seen).toEqual([])
  release()
  release() // counts once
  await two
})

test('a suspect that is aborted while it waits leaves its place and holds up nobody', async () => {
  const solitude = createSolitude(stoppedClock())
  const abort = new AbortController()
  const holder = await solitude.share(never)
  const suspect = solitude.alone(abort.signal, 1_000)
  const later = Promise.resolve(solitude.share(never))
  abort.abort(new Error('stopped'))
  await expect(suspect).rejects.toThrow('stopped')
  await later
  holder()
  ;(await later)()
  ;(await solitude.alone(never, 1_000)).release()
})

test('those who want to be alone wait for others at the same time, and then share with them and with who comes', async () => {
  const clock = stoppedClock()
  const solitude = createSolitude(clock)
  const { seen, note } = order()
  const holder = await solitude.share(never)
  const places = [1_000, 1_000, 2_000].map((patienceMs) => solitude.alone(never, patienceMs))
  const later = solitude.share(never)
  places.forEach((place, n) => void place.then(note(`suspect ${n}`)))
  void later.then(note('later'))
  await clock.advance(999)
  expect(seen).toEqual([])
  await clock.advance(1)
  expect(seen).toEqual(['suspect 0', 'suspect 1'])
  await clock.advance(1_000)
  expect(seen).toEqual(['suspect 0', 'suspect 1', 'suspect 2', 'later'])
  const entered = await Promise.all(places)
  expect(entered.map(({ isAlone }) => isAlone)).toEqual([false, false, false])
  expect(solitude.enter()).toBeTypeOf('function')
  holder()
})

test('patience is had with those inside, and begins anew for the next who finds others there', async () => {
  const clock = stoppedClock()
  const solitude = createSolitude(clock)
  const holder = await solitude.share(never)
  const { release } = await Promise.all([solitude.alone(never, 1_000), clock.advance(1_000)]).then(([place]) => place)
  release()
  const { seen, note } = order()
  void solitude.alone(never, 1_000).then(note('next'))
  await clock.advance(999)
  expect(seen).toEqual([])
  holder()
  await turn()
  expect(seen).toEqual(['next'])
})

test('one alone that opens stays inside, and counts as one of many until it leaves', async () => {
  const clock = stoppedClock()
  const solitude = createSolitude(clock)
  const { seen, note } = order()
  const place = await solitude.alone(never, 1_000)
  const beside = solitude.share(never)
  void beside.then(note('beside'))
  void solitude.alone(never, 9_000).then(note('suspect'))
  place.open()
  place.open()
  await turn()
  expect(seen).toEqual(['beside'])
  ;(await beside)()
  await turn()
  expect(seen).toEqual(['beside'])
  place.release()
  place.release()
  await turn()
  expect(seen).toEqual(['beside', 'suspect'])
})
