// One job for each slot, although commands that make it arrive late or again, after the job has run and has been removed.
import type { NewJob } from '../bullmq/bullmq.ts'
import { describe, every, expect, test as base } from '../../test/support/scheduling.ts'
import { MAKE_MS } from './carry-times.ts'
import { carry } from './carry.ts'
import type { Carrying } from './carry.ts'
import { wakeDue } from './waker.ts'

const MINUTE = 60_000

/** Each begins when the first slot of a schedule is due. */
const test = base.extend<{ due: undefined }>({
  due: [
    async ({ room, put, clock }, use) => {
      await put('digest', every(MINUTE))
      await carry(room, 'digest')
      await clock.advance(MINUTE)
      await use(undefined)
    },
    { auto: true },
  ],
})

/** What is sent stays on its way until it is delivered. */
const heldUp = (room: Carrying): { room: Carrying; held: NewJob[] } => {
  const held: NewJob[] = []
  const add = (job: NewJob): Promise<never> => {
    held.push(job)
    return new Promise<never>(() => undefined)
  }
  return { room: { ...room, bull: { ...room.bull, add } }, held }
}

describe('a command that makes the job of a slot', () => {
  test('makes none when it arrives after another process made the job, which ran and has gone', async ({
    room,
    another,
    clock,
    bull,
    kernel,
    made,
    told,
  }) => {
    const { room: slow, held } = heldUp(another())
    void carry(slow, 'digest')
    await expect.poll(() => held.length).toBe(1)
    await clock.advance(3_000)
    expect(await wakeDue(room)).toBe(1)
    const [id = ''] = await made()
    await bull.queue('reports').remove(id)
    for (const job of held) await bull.add(job)
    // Nor later, when nothing tells any more that the job was there.
    await clock.advance(MAKE_MS)
    await kernel.redis.del(bull.keys('reports').made(id))
    for (const job of held) await bull.add(job)
    expect(await made()).toEqual([])
    expect(await told()).toHaveLength(1)
  })

  test('makes none when it is sent again at once, as its answer was lost', async ({ another, bull, made, told }) => {
    const unanswered = another()
    const add: Carrying['bull']['add'] = async (job) => {
      await bull.add(job)
      await bull.queue('reports').remove(job.id)
      return bull.add(job)
    }
    expect(await carry({ ...unanswered, bull: { ...unanswered.bull, add } }, 'digest')).toMatchObject({ made: 1 })
    expect(await made()).toEqual([])
    expect(await told()).toHaveLength(1)
  })

  test('that Redis took too late is left to whoever comes next', async ({ room, another, clock, made, told }) => {
    const slow = another()
    const add: Carrying['bull']['add'] = async (job) => {
      await clock.advance(MAKE_MS)
      return slow.bull.add(job)
    }
    expect(await carry({ ...slow, bull: { ...slow.bull, add } }, 'digest')).toMatchObject({ made: 0 })
    expect(await told()).toEqual([])
    expect(await wakeDue(room)).toBe(1)
    expect(await made()).toHaveLength(1)
    expect(await told()).toHaveLength(1)
  })
})

test('what keeps a job from being made again goes a minute after the job was told of', async ({
  room,
  bull,
  kernel,
  made,
}) => {
  await carry(room, 'digest')
  const [id = ''] = await made()
  const ms = await kernel.redis.pttl(bull.keys('reports').made(id))
  expect(Math.ceil(ms / MINUTE)).toBe(1)
})

test('a job that ran and has gone before anybody told of it is told, and is not made again', async ({
  room,
  another,
  clock,
  bull,
  made,
  told,
}) => {
  const killed = another()
  const cut = { ...killed, state: { ...killed.state, tell: () => Promise.reject(new Error('killed')) } }
  await expect(carry(cut, 'digest')).rejects.toThrow('killed')
  for (const id of await made()) await bull.queue('reports').remove(id)
  await clock.advance(3_000)
  expect(await wakeDue(room)).toBe(1)
  expect(await made()).toEqual([])
  expect(await told()).toHaveLength(1)
})

test('who was stopped after a claim makes no job that somebody else has made, and that is gone, meanwhile', async ({
  room,
  another,
  clock,
  bull,
  made,
  told,
}) => {
  const { state, ...rest } = another()
  const stopped: typeof room = {
    ...rest,
    state: {
      ...state,
      async claim(...step) {
        const answer = await state.claim(...step)
        await clock.advance(3_000)
        expect((await carry(room, 'digest')).made).toBe(1)
        for (const id of await made()) await bull.queue('reports').remove(id)
        return answer
      },
    },
  }
  expect((await carry(stopped, 'digest')).made).toBe(0)
  expect(await made()).toEqual([])
  expect(await told()).toHaveLength(1)
})
