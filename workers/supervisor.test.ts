// The supervisor with real processes: replaced when they die, gone when it is gone, and no record lost on the way.
import { fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { generate } from '../shared/listening/generate.ts'
import { openListening } from '../shared/listening/listening.ts'
import { createEventLog } from '../shared/stream/log.ts'
import { createRegistry } from '../shared/workers/registry.ts'
import { expect, settingsAsEnv, test } from './testing/ward.ts'

const lives = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('processes that come and go are told, in order, with how they went', async ({ ward }) => {
  const supervisor = await ward.start()
  const [first] = supervisor.workers()
  process.kill(first?.pid ?? 0, 'SIGKILL')
  await ward.until('another took its place', async () => {
    const [now] = supervisor.workers()
    return (
      now !== undefined &&
      now.id !== first?.id &&
      (await createRegistry(ward.kernel).list()).some(({ id }) => id === now.id)
    )
  })
  const [second] = supervisor.workers()
  await ward.until('it came online', async () => (await createEventLog(ward.kernel).readAfter('0-0', 10)).length === 3)
  await supervisor.stop()
  const told = (await createEventLog(ward.kernel).readAfter('0-0', 10)).map(({ name, data }) => {
    const { worker_id, exit, queues } = JSON.parse(data) as Record<string, unknown>
    return [name, worker_id, exit, queues]
  })
  expect(told).toEqual([
    ['worker.online', first?.id, undefined, ['ward']],
    ['worker.offline', first?.id, 'signal SIGKILL', ['ward']],
    ['worker.online', second?.id, undefined, ['ward']],
    ['worker.offline', second?.id, 'stopped', ['ward']],
  ])
  expect(await createRegistry(ward.kernel).howEnded(second?.id ?? '')).toMatchObject({ by_itself: false })
})

test('stopping puts back what does not end in time', async ({ ward }) => {
  const supervisor = await ward.start()
  const id = await ward.add('patient', { deaf: true })
  await ward.until('it runs', async () => (await ward.bull.stateOf([{ queue: 'ward', id }]))[0] === 'active')
  await supervisor.stop()
  expect(await ward.bull.stateOf([{ queue: 'ward', id }])).toEqual(['waiting'])
  expect(await ward.exits()).toEqual(['stopped'])
})

test('when the supervisor is killed its processes end too', async ({ ward, dir, prefix }) => {
  const main = fork(new URL('./testing/orphan-main.ts', import.meta.url), {
    env: { ...process.env, ...settingsAsEnv(dir, prefix) },
    execArgv: ['--disable-warning=ExperimentalWarning'],
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const { pids } = await new Promise<{ pids: number[] }>((resolve) => main.once('message', resolve))
  expect(pids.filter(lives)).toHaveLength(2)
  main.kill('SIGKILL')
  await ward.until('they are gone', () => pids.filter(lives).length === 0)
})

test(
  'kill -9 in the middle of an import: every record is stored once, nothing is lost',
  { timeout: 90_000 },
  async ({ ward, dir }) => {
    mkdirSync(join(dir, 'imports'))
    const expected = await generate(join(dir, 'imports', 'history.json'), { records: 20_000, flaws: 0.01 })
    const supervisor = await ward.start({
      worker: new URL('./testing/import-child.ts', import.meta.url),
      execArgv: ['--disable-warning=ExperimentalWarning'],
      workers: 2,
    })
    const queue = ward.bull.queue('listening')
    const { id = '' } = await queue.add('listening.import', { file: 'history.json' }, { jobId: 't_import' })
    const chunks = async () => (await ward.bull.counts(['listening-chunks'])).get('listening-chunks')
    await ward.until('some chunks are stored and others are not', async () => {
      const counts = await chunks()
      return counts !== undefined && counts.completed >= 2 && counts.active >= 1
    })
    for (const { pid } of supervisor.workers()) process.kill(pid, 'SIGKILL')
    await ward.until('the import has ended', async () =>
      ['completed', 'failed'].includes((await ward.bull.stateOf([{ queue: 'listening', id }]))[0] ?? ''),
    )
    const job = await queue.getJob(id)
    expect(job?.returnvalue).toMatchObject(expected)
    expect(await chunks()).toMatchObject({ failed: 0, waiting: 0, active: 0 })
    const store = openListening(join(dir, 'listening.db'))
    expect(store.summary(`listening:${id}`)).toMatchObject(expected)
    store.close()
  },
)
