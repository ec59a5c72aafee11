// A listener is held to what the log held at one moment, however fast it grows meanwhile.
import { describe, expect, test } from 'vitest'
import { hear } from './hear.ts'

/** A log that grows whenever it is read, as the recorder writes on while evidence is gathered. */
const growing = () => {
  const facts = ['1-0', '1-0.001']
  const grow = (): void => void facts.push(`${facts.length}-0`, `${facts.length}-0.001`)
  const logged = async (): Promise<string[]> => {
    grow()
    const found = [...facts]
    grow()
    return Promise.resolve(found)
  }
  return { facts, logged }
}
const listening = (ids: () => readonly string[]) => ({
  get ids() {
    return ids()
  },
  arrivals: [],
  gaps: 0,
  from: '0-0',
})
const missedIn = ({ ids, logged }: { ids: string[]; logged: string[] }) => logged.filter((id) => !ids.includes(id))

describe('of a log that grows', () => {
  test('who hears every fact as it comes has missed none', async () => {
    const log = growing()
    const heard = await hear(
      log,
      listening(() => log.facts),
      0,
    )
    expect(heard.logged.length).toBeGreaterThan(0)
    expect(missedIn(heard)).toEqual([])
  })

  test('who is late is waited for', async () => {
    const log = growing()
    let looks = 0
    const heard = await hear(
      log,
      listening(() => log.facts.slice(0, looks++ < 2 ? 1 : undefined)),
    )
    expect(missedIn(heard)).toEqual([])
  })

  test('who hears nothing more has missed the rest', async () => {
    const log = growing()
    const heard = await hear(
      log,
      listening(() => log.facts.slice(0, 3)),
      0,
    )
    expect(missedIn(heard)).toEqual(heard.logged.slice(3))
    expect(missedIn(heard).length).toBeGreaterThan(0)
  })
})
