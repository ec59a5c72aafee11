// Who asks while a look is under way waits for another one, together with all who ask meanwhile.
import { expect, test } from 'vitest'
import { createLooking } from './looking.ts'

/** Looks that end when they are told to. */
const staged = () => {
  const looks: PromiseWithResolvers<undefined>[] = []
  const looking = createLooking(() => {
    const look = Promise.withResolvers<undefined>()
    looks.push(look)
    return look.promise
  })
  return { looks, looking }
}

test('those who ask during a look share one that begins when it is over', async () => {
  const { looks, looking } = staged()
  const first = looking.look()
  const [second, third] = [looking.look(), looking.look()]
  expect(looks).toHaveLength(1)
  looks[0]?.resolve(undefined)
  await first
  await expect.poll(() => looks.length).toBe(2)
  const fourth = looking.look()
  looks[1]?.resolve(undefined)
  await Promise.all([second, third])
  await expect.poll(() => looks.length).toBe(3)
  looks[2]?.resolve(undefined)
  await fourth
})

test('who asks between a look and the next shares the next, so that never two are under way', async () => {
  const { looks, looking } = staged()
  const first = looking.look()
  const between = first.then(() => looking.look())
  const second = looking.look()
  looks[0]?.resolve(undefined)
  await expect.poll(() => looks.length).toBe(2)
  looks[1]?.resolve(undefined)
  await Promise.all([second, between, looking.settled()])
  expect(looks).toHaveLength(2)
})

test('a look that fails fails for those who asked for it, and not for the next', async () => {
  const { looks, looking } = staged()
  const first = looking.look()
  const second = looking.look()
  looks[0]?.reject(new Error('away'))
  await expect(first).rejects.toThrow('away')
  await expect.poll(() => looks.length).toBe(2)
  looks[1]?.resolve(undefined)
  await second
})

test('what is under way or to come is waited for, however it ends', async () => {
  const { looks, looking } = staged()
  await looking.settled()
  const asked = Promise.allSettled([looking.look(), looking.look()])
  let over = false
  const settled = looking.settled().then(() => (over = true))
  looks[0]?.resolve(undefined)
  await expect.poll(() => looks.length).toBe(2)
  expect(over).toBe(false)
  looks[1]?.reject(new Error('away'))
  await settled
  await asked
})
