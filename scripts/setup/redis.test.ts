// Which Redis set-up chooses, on machines made of a PATH with fake programs.
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { chooseRedis, isNewEnough, parseRedisVersion } from './redis.mjs'
import { redisCommand } from './redis-command.mjs'

let bin: string
beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), 'k1n-path-'))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(bin, { recursive: true, force: true })
})

/** Puts a program on the fake PATH; its body runs in sh, which finds the real tools by their usual folders. */
const program = (name: string, body: string): string => {
  const file = join(bin, name)
  writeFileSync(file, `#!/bin/sh\n${body}\n`)
  chmodSync(file, 0o755)
  return file
}
const redis = (name: string, version: string) =>
  program(name, `echo "${name.startsWith('valkey') ? 'Valkey' : 'Redis'} server v=${version} sha=00000000:0 bits=64"`)
const docker = (answers: boolean) => program('docker', answers ? 'echo 27.0.1' : 'echo "Cannot connect" >&2; exit 1')

/** A Debian whose `apt-get install` brings redis-server 7.0.15 and notes each call; it may use /bin for its own work. */
const debian = (candidate = '5:7.0.15-1~deb12u1') => {
  const log = join(bin, 'apt.log')
  const installed = `printf '#!/bin/sh\\necho "Redis server v=7.0.15 sha=0"\\n' > ${bin}/redis-server; /bin/chmod 755 ${bin}/redis-server`
  program(
    'apt-get',
    `echo "$@" >> ${log}; test -e ${bin}/policy-rc.d && echo forbidden >> ${log}\ncase "$*" in *install*) ${installed};; esac`,
  )
  program('apt-cache', `echo "$2:"; echo "  Installed: (none)"; echo "  Candidate: ${candidate}"`)
  for (const tool of ['sh', 'env', 'chmod', 'rm']) program(tool, `exec /bin/${tool} "$@"`)
  return { calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []) }
}

const machine = (env: Record<string, string> = {}, uid = 1000) => ({
  env: { PATH: bin, ...env },
  uid,
  policyFile: join(bin, 'policy-rc.d'),
})

test.each([
  ['Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=ae4d7c971a948f0', '7.0.15'],
  ['Valkey server v=8.1.3 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=1', '8.1.3'],
  ['sh: redis-server: not found', undefined],
])('the version in %j is %s', (text, version) => {
  expect(parseRedisVersion(text)).toBe(version)
})

test.each([
  ['7.0.0', true],
  ['10.2.1', true],
  ['6.2.14', false],
  ['0', false],
])('version %s is new enough: %s', (version, enough) => {
  expect(isNewEnough(version)).toBe(enough)
})

describe('the order of choices', () => {
  test('the named one wins, even where a program is installed', async () => {
    redis('redis-server', '7.2.0')
    const url = 'redis://example:6379'
    expect(await chooseRedis('REDIS_URL', machine({ REDIS_URL: url }))).toEqual({ kind: 'url', url })
  })

  test('tests never use REDIS_URL', async () => {
    const path = redis('redis-server', '7.2.0')
    const choice = await chooseRedis('K1N_TEST_REDIS_URL', machine({ REDIS_URL: 'redis://example:6379' }))
    expect(choice).toEqual({ kind: 'program', path, version: '7.2.0' })
  })

  test('an installed program comes before Docker', async () => {
    docker(true)
    const path = redis('valkey-server', '8.0.1')
    expect(await chooseRedis('REDIS_URL', machine())).toEqual({ kind: 'program', path, version: '8.0.1' })
  })

  test('a program that is too old is passed over for one that is not', async () => {
    redis('redis-server', '6.2.14')
    const path = redis('valkey-server', '7.2.5')
    expect(await chooseRedis('REDIS_URL', machine())).toEqual({ kind: 'program', path, version: '7.2.5' })
  })

  test('Docker comes before the package, when its engine answers', async () => {
    const apt = debian()
    const path = docker(true)
    expect(await chooseRedis('REDIS_URL', machine({}, 0))).toEqual({ kind: 'docker', path })
    expect(apt.calls()).toEqual([])
  })

  test('a Docker client without an engine is passed over for the package', async () => {
    docker(false)
    const apt = debian()
    const choice = await chooseRedis('REDIS_URL', machine({}, 0))
    expect(choice).toEqual({ kind: 'program', path: join(bin, 'redis-server'), version: '7.0.15' })
    expect(apt.calls()[0]).toBe('-q update')
  })
})

describe('the package', () => {
  test('is installed while its own server is forbidden to start, and that is lifted after', async () => {
    const apt = debian()
    await chooseRedis('REDIS_URL', machine({}, 0))
    expect(apt.calls()).toEqual(['-q update', expect.stringContaining('install'), 'forbidden'])
    expect(existsSync(join(bin, 'policy-rc.d'))).toBe(false)
  })

  test('is installed by sudo when that asks no password', async () => {
    const apt = debian()
    program('sudo', `test "$1" = -n && shift && exec "$@"`)
    program('true', 'exit 0')
    expect(await chooseRedis('REDIS_URL', machine())).toMatchObject({ kind: 'program', version: '7.0.15' })
    expect(apt.calls()).toContain('forbidden')
  })

  test.each([
    ['sudo asks a password', () => void program('sudo', 'exit 1')],
    ['there is no sudo', () => undefined],
  ])('is not touched when %s', async (_why, prepare) => {
    const apt = debian()
    prepare()
    await expect(chooseRedis('REDIS_URL', machine())).rejects.toThrow('apt-get install redis-server')
    expect(apt.calls()).toEqual([])
  })

  test('is not installed when it would be too old', async () => {
    const apt = debian('5:6.0.16-1+deb11u2')
    await expect(chooseRedis('REDIS_URL', machine({}, 0))).rejects.toThrow('Redis 7 or newer')
    expect(apt.calls()).toEqual(['-q update'])
  })
})

test('without any, one message lists the choices and what was too old', async () => {
  const old = redis('redis-server', '6.0.16')
  const message = await chooseRedis('REDIS_URL', machine()).catch((error: unknown) => (error as Error).message)
  for (const choice of [
    `${old} (6.0.16)`,
    'set REDIS_URL',
    'valkey-server on the PATH',
    'start Docker',
    'apt-get install',
  ])
    expect(message).toContain(choice)
})

describe('the command line', () => {
  const place = { port: 7001, dir: '/data here', args: ['--appendonly', 'no'] }

  test('of a program has the settings file first, so that what follows wins', () => {
    const { command, args } = redisCommand({ kind: 'program', path: '/x/redis-server', version: '7.0.0' }, place)
    expect(command).toBe('/x/redis-server')
    expect(args[0]).toMatch(/scripts\/setup\/redis\.conf$/)
    expect(args.slice(1, 5)).toEqual(['--port', '7001', '--dir', '/data here'])
    expect(args.slice(-2)).toEqual(place.args)
  })

  test('of a container publishes its port on loopback only and mounts the folder', () => {
    const { args } = redisCommand({ kind: 'docker', path: 'docker' }, place)
    expect(args).toEqual(expect.arrayContaining(['127.0.0.1:7001:6379', '/data here:/data', '--rm']))
    expect(args.slice(-2)).toEqual(place.args)
  })
})
