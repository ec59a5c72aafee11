// A preference holds at once; it is saved once and in order, and a refusal is told and loses nothing that can still be saved.
import { expect, test } from 'vitest'
import type { Preferences, PreferencesPatch } from '../../../shared/preferences/contract.ts'
import { firstPreferences } from '../../../shared/preferences/first-words.ts'
import type { Failure } from '../failure.ts'
import { PreferenceStore, merged, readKept } from './store.ts'

const failed = (status: number): Failure => ({
  kind: status === 422 ? 'invalid' : 'server',
  status,
  detail: `refused by ${status}`,
})

/** A store over a server that answers when it is told to. */
const set = (kept: string | null = null, slow?: Promise<Preferences>) => {
  let asked = 0
  let server = firstPreferences()
  const calls: { patch: PreferencesPatch; answer: (refused?: Failure) => Promise<void> }[] = []
  const told: PreferencesPatch[] = []
  const page = { kept: '', changed: 0 }
  const store = new PreferenceStore({
    read: () => kept,
    keep: (text) => (page.kept = text),
    tell: (patch) => told.push(patch),
    fetch: () => (asked++ === 0 && slow ? slow : Promise.resolve(server)),
    save: (patch) =>
      new Promise<Preferences>((resolve, reject) => {
        const answer = async (refused?: Failure): Promise<void> => {
          if (refused) reject(Object.assign(new Error(refused.detail), { failure: refused }))
          else resolve((server = merged(server, patch)))
          await new Promise((done) => setImmediate(done))
        }
        calls.push({ patch, answer })
      }),
    failureOf: (error) => (error as { failure: Failure }).failure,
    changed: () => page.changed++,
  })
  return { store, calls, told, page, ofServer: () => server }
}

test('a change holds at once, is kept, is told to other tabs, and is saved', async () => {
  const { store, calls, told, page } = set()
  store.change({ theme: 'dark' })
  expect([store.now.theme, readKept(page.kept).theme, store.saving.state]).toEqual(['dark', 'dark', 'busy'])
  expect(told).toEqual([{ theme: 'dark' }])
  await calls[0]?.answer()
  expect([calls.length, store.saving]).toEqual([1, { state: 'saved' }])
})

test('what is changed while a change is on its way is saved after it, together', async () => {
  const { store, calls, ofServer } = set()
  store.change({ theme: 'dark' })
  store.change({ theme: 'light' })
  store.change({ zone: 'UTC' })
  await calls[0]?.answer()
  await calls[1]?.answer()
  expect(calls.map(({ patch }) => patch)).toEqual([{ theme: 'dark' }, { theme: 'light', zone: 'UTC' }])
  expect(ofServer()).toMatchObject({ theme: 'light', zone: 'UTC' })
})

test('what could not be saved holds here, says why, and is saved with the next try', async () => {
  const { store, calls } = set()
  store.change({ density: 'compact' })
  await calls[0]?.answer(failed(503))
  expect(store.now.density).toBe('compact')
  expect(store.saving).toMatchObject({ state: 'refused', failure: { status: 503 } })
  void store.save()
  expect(calls[1]?.patch).toEqual({ density: 'compact' })
  await calls[1]?.answer()
  expect(store.saving).toEqual({ state: 'saved' })
})

test('what the server says cannot be is taken back, and said', async () => {
  const { store, calls } = set()
  store.change({ zone: 'Mars/Base' })
  await calls[0]?.answer(failed(422))
  expect(store.now.zone).toBeNull()
  expect(store.saving).toMatchObject({ state: 'refused', failure: { status: 422 } })
})

test('what the server has wins over what was kept, and what was changed meanwhile over both', async () => {
  const { store, calls, ofServer } = set('{"theme":"dark","wheel":"zoom"}')
  expect(store.now).toMatchObject({ theme: 'dark', wheel: 'zoom' })
  const loading = store.load()
  store.change({ density: 'compact' })
  await loading
  expect(store.now).toMatchObject({ theme: 'system', wheel: 'page', density: 'compact' })
  await calls[0]?.answer()
  expect(ofServer()).toMatchObject({ density: 'compact' })
})

test('what is saved while all are fetched is not taken back by an answer that is older', async () => {
  const older = Promise.withResolvers<Preferences>()
  const { store, calls } = set(null, older.promise)
  store.change({ theme: 'dark' })
  const loading = store.load()
  await calls[0]?.answer()
  older.resolve(firstPreferences())
  await loading
  expect(store.now.theme).toBe('dark')
})

test('what another tab changed holds here too, and is not saved twice', () => {
  const { store, calls, told } = set()
  store.heard({ zone: 'UTC', keys: { n: 'q' } })
  store.heard({ keys: null })
  expect(store.now).toMatchObject({ zone: 'UTC', keys: {} })
  expect([calls, told]).toEqual([[], []])
})

test.each([null, '', 'no JSON', '[]', '{"theme":7,"keys":"n"}'])('%j that was kept is as at first', (text) => {
  expect(readKept(text)).toEqual(firstPreferences())
})

test('of what was kept only what makes no sense is as at first', () => {
  expect(readKept('{"theme":"dark","keys":{"n":"q","m":7},"pinned_lanes":{"queue":["a"],"name":7}}')).toEqual({ ...firstPreferences(), theme: 'dark', keys: { n: 'q' }, pinned_lanes: { queue: ['a'] } }) // prettier-ignore
})
