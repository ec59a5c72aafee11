// Real processes kept running, stopped in order, and never left behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { guard } from '../setup/guard.mjs'
import type { ChildSpec } from './child.ts'
import { createFleet, type Fleet } from './fleet.ts'
import { commandOf, within } from './pid.ts'

let dir: string
let fleet: Fleet
let said: string[]
let failures: PromiseWithResolvers<string>
let stopped: string[]

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'k1n-fleet-'))
  said = []
  stopped = []
  failures = Promise.withResolvers<string>()
  fleet = createFleet((line) => void said.push(line), failures.resolve)
})
afterEach(async () => {
  await fleet.stop()
  rmSync(dir, { recursive: true, force: true })
})

const ready = `process.send({ type: 'ready', pid: process.pid }); setInterval(() => {}, 1e6);`
const orderly = `process.on('SIGTERM', () => { console.log('stopped'); process.exit(0) }); ${ready}`

/** A child that runs this code; what it logs is noted when it tells that it stopped. */
const child = (name: string, code: string): ChildSpec => {
  const script = join(dir, `${name}.mjs`)
  writeFileSync(script, code)
  return {
    name,
    readyWhen: 'message',
    log: { write: (text) => void stopped.push(...(text === 'stopped\n' ? [name] : [])) },
    launch: () => spawn(process.execPath, [script], { detached: true, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] }),
  }
}
const pidOf = (message: Readonly<Record<string, unknown>>) => Number(message['pid'])
const lives = (pid: number) => commandOf(pid) !== ''

test('children stop one after another, the last started first', async () => {
  for (const name of ['redis', 'workers', 'api', 'demo']) await fleet.start(child(name, orderly)).ready
  await fleet.stop()
  expect(stopped).toEqual(['demo', 'api', 'workers', 'redis'])
  expect(said).toEqual([])
})

test('a child that dies is started again, and that is said with its last words', async () => {
  const started: number[] = []
  const spec = child('api', `process.on('SIGUSR2', () => { throw new Error('tripped') }); ${ready}`)
  const again = Promise.withResolvers<undefined>()
  const launch = () => {
    const process = spec.launch()
    started.push(process.pid ?? 0)
    if (started.length === 2) process.once('message', () => again.resolve(undefined))
    return process
  }
  const first = pidOf(await fleet.start({ ...spec, launch }).ready)
  process.kill(first, 'SIGUSR2')
  await again.promise
  expect(started).toHaveLength(2)
  expect(lives(first)).toBe(false)
  expect(said[0]).toMatch(/^api ended by itself \(code 1\); starting it again in 0\.5 s\n[^]*Error: tripped/)
})

test('a program that cannot be started is told by its error', async () => {
  const missing: ChildSpec = { ...child('redis', ''), launch: () => spawn(join(dir, 'no-such-program')) }
  fleet.start(missing)
  expect(await within(2_000, () => said.length > 0)).toBe(true)
  expect(said[0]).toMatch(/^redis could not be started; .*\n.*ENOENT/)
})

test('stopping takes the children of a child with it', async () => {
  const grandchild = `import { spawn } from 'node:child_process'
    const own = spawn('sleep', ['1000'], { stdio: 'ignore' })
    process.on('SIGTERM', () => process.exit(0))
    process.send({ type: 'ready', pid: own.pid })
    setInterval(() => {}, 1e6)`
  const sleeper = pidOf(await fleet.start(child('workers', grandchild)).ready)
  expect(lives(sleeper)).toBe(true)
  await fleet.stop()
  expect(await within(2_000, () => !lives(sleeper))).toBe(true)
})

test('kill ends a child that does not heed SIGTERM', async () => {
  const deaf = `process.on('SIGTERM', () => {}); ${ready}`
  const pid = pidOf(await fleet.start(child('workers', deaf)).ready)
  const stopping = fleet.stop()
  fleet.kill()
  await stopping
  expect(lives(pid)).toBe(false)
})

test('a fleet that is stopping starts nothing', async () => {
  await fleet.stop()
  fleet.start({ ...child('api', orderly), launch: () => expect.unreachable('nothing is launched') })
  expect(fleet.gone()).toBe(true)
})

const orphanOf = async (code: string): Promise<{ parent: number; child: number }> => {
  const script = join(dir, 'parent.mjs')
  writeFileSync(script, code)
  const parent = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', script], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const [message] = (await once(parent, 'message')) as [{ child: number }]
  parent.kill('SIGKILL')
  await once(parent, 'exit')
  return { parent: parent.pid ?? 0, child: message.child }
}

test('a guarded program ends when its guardian is killed', async () => {
  const module = JSON.stringify(new URL('../setup/guard.mjs', import.meta.url).href)
  const { child } = await orphanOf(`import { guard } from ${module}
    import { spawn } from 'node:child_process'
    const own = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' })
    guard(['kill', '-TERM', String(own.pid)])
    process.send({ child: own.pid })
    setInterval(() => {}, 1e6)`)
  expect(await within(3_000, () => !lives(child))).toBe(true)
})

test('one of our processes ends in order when the one that started it is killed', async () => {
  const module = JSON.stringify(new URL('../../shared/kernel/parent.ts', import.meta.url).href)
  const proof = join(dir, 'stopped-in-order')
  writeFileSync(
    join(dir, 'child.mjs'),
    `import { writeFileSync } from 'node:fs'
    import { exitWithParent } from ${module}
    exitWithParent(async () => writeFileSync(${JSON.stringify(proof)}, 'yes'))
    process.send({ type: 'ready' })
    setInterval(() => {}, 1e6)`,
  )
  const { child } = await orphanOf(`import { fork } from 'node:child_process'
    const own = fork(${JSON.stringify(join(dir, 'child.mjs'))}, { detached: true })
    own.once('message', () => process.send({ child: own.pid }))`)
  expect(await within(3_000, () => !lives(child))).toBe(true)
  expect(existsSync(proof)).toBe(true)
})

test('a dismissed guard ends nothing', async () => {
  const sleeper = spawn('sleep', ['1000'], { stdio: 'ignore' })
  const dismiss = guard(['kill', '-KILL', String(sleeper.pid)])
  dismiss()
  expect(lives(sleeper.pid ?? 0)).toBe(true)
  sleeper.kill('SIGKILL')
  await once(sleeper, 'exit')
})
