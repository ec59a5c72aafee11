// Keeps docker-compose.yml and the Dockerfile honest without an engine: all they name exists, and versions agree.
import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { dockerImage } from '../scripts/setup/redis-command.mjs'
import { readSettings, Settings } from '../shared/kernel/config.ts'

const read = (file: string): string => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')
const inTree = (path: string): boolean => existsSync(new URL(`../${path}`, import.meta.url))
/** What a stage of the Dockerfile bundles is there when its folder is copied from that stage. */
const isBundled = (path: string): boolean => {
  const dist = /^\w+\/dist(?=\/)/.exec(path)?.[0]
  return dist !== undefined && dockerfile.includes(`\nCOPY --from=build /k1n/${dist} ${dist}\n`)
}
const exists = (path: string): boolean => isBundled(path) || inTree(path)

const Service = z.object({
  image: z.string(),
  build: z.string().optional(),
  command: z.array(z.string()),
  environment: z.record(z.string(), z.union([z.string(), z.number()]).nullable()).default({}),
  volumes: z.array(z.string()),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
  healthcheck: z.object({ test: z.array(z.string()) }),
  mem_limit: z.string().optional(),
})
const Compose = z.object({
  services: z.object({ redis: Service, api: Service, workers: Service }),
  volumes: z.record(z.string(), z.null()),
})
const text = read('docker-compose.yml')
const compose = Compose.parse(parse(text, { merge: true }))
const { redis, api, workers } = compose.services
const services = Object.values(compose.services)

const dockerfile = read('Dockerfile')
const settingNames = Object.keys(Settings.shape)
const nodeScripts = services.flatMap(({ command, healthcheck }) =>
  [...command, ...healthcheck.test].filter((word) => /\.(ts|mjs|js)$/.test(word)),
)

test('every script that a service or its health check runs exists', () => {
  expect(nodeScripts).toEqual(expect.arrayContaining(['api/dist/main.js', 'workers/main.ts']))
  expect(nodeScripts.filter((script) => !exists(script))).toEqual([])
})

test('every mounted file exists and every named volume is declared', () => {
  const sources = services.flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')[0] ?? ''))
  const [files, named] = [
    sources.filter((path) => path.startsWith('.')),
    sources.filter((path) => !path.startsWith('.')),
  ]
  expect(files.filter((file) => !exists(file))).toEqual([])
  expect(new Set(named)).toEqual(new Set(Object.keys(compose.volumes)))
})

test('api and workers share one data volume, where the settings say the data is', () => {
  for (const service of [api, workers]) {
    expect(service.volumes).toEqual([`data:${String(service.environment['K1N_DATA_DIR'])}`])
    expect(service.depends_on).toEqual({ redis: { condition: 'service_healthy' } })
  }
})

test('every variable of a container is a setting, and every setting can be given', () => {
  const given = Object.keys(api.environment)
  expect(given.filter((name) => !settingNames.includes(name))).toEqual([])
  expect(settingNames.filter((name) => !given.includes(name))).toEqual([])
  const own = new Set(['HOST', 'PORT'])
  expect(Object.keys(workers.environment)).toEqual(expect.arrayContaining(given.filter((name) => !own.has(name))))
})

test('every variable that compose fills in is a setting or explained at the top of the file', () => {
  const comments = text.slice(0, text.indexOf('\nname:'))
  const used = [...text.matchAll(/\$\{(\w+)/g)].map((match) => match[1] ?? '')
  expect(used.length).toBeGreaterThan(0)
  expect(used.filter((name) => !settingNames.includes(name) && !comments.includes(`  ${name}  `))).toEqual([])
})

test('the values written in the file are settings that k1n accepts', () => {
  for (const { environment } of [api, workers]) {
    const written = Object.entries(environment).flatMap(([name, value]) =>
      value === null ? [] : [[name, String(value)]],
    )
    expect(() => readSettings(Object.fromEntries(written) as Record<string, string>)).not.toThrow()
  }
})

test('the ports agree: of the API, of its service, of the image, and the default of the setting', () => {
  const port = String(readSettings({}).PORT)
  expect(String(api.environment['PORT'])).toBe(port)
  expect(api.ports).toEqual([`127.0.0.1:\${PORT:-${port}}:${port}`])
  expect(dockerfile).toContain(`\nEXPOSE ${port}\n`)
  expect([redis.ports, workers.ports]).toEqual([[], []])
})

test('redis is of the version that npm start uses, with the shared settings at durability level disk', () => {
  expect(redis.image).toBe(dockerImage)
  expect(redis.volumes).toContain(`./scripts/setup/redis.conf:${redis.command[1] ?? ''}:ro`)
  expect(redis.command.slice(-2)).toEqual(['--appendfsync', '${K1N_REDIS_APPENDFSYNC:-always}'])
})

test('redis may use 60 % of its memory limit', () => {
  const limit = Number.parseInt(redis.mem_limit ?? '', 10) * 1024
  const memory = Number.parseInt(redis.command[redis.command.indexOf('--maxmemory') + 1] ?? '', 10)
  expect(memory).toBe(Math.floor(limit * 0.6))
})

test('all the Dockerfile copies exists and passes .dockerignore', () => {
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) => (match[1] ?? '').split(' '))
  expect(copied.length).toBeGreaterThan(5)
  expect(copied.filter((path) => !exists(path))).toEqual([])
  const passed = new Set(read('.dockerignore').split('\n'))
  expect(copied.filter((path) => !passed.has(`!${path}`))).toEqual([])
})

test('every stage the Dockerfile copies from is one of its stages, and its command exists', () => {
  const stages = [...dockerfile.matchAll(/^FROM \S+ AS (\S+)$/gm)].map((match) => match[1])
  const from = [...dockerfile.matchAll(/^COPY --from=(\S+)/gm)].map((match) => match[1])
  expect(from.filter((stage) => !stages.includes(stage))).toEqual([])
  const command = z.array(z.string()).parse(JSON.parse(/^CMD (.+)$/m.exec(dockerfile)?.[1] ?? '[]'))
  expect(command.slice(1).filter((script) => !exists(script))).toEqual([])
  expect(command).toEqual(api.command)
})

test('the image does not run as root and has no packages of development', () => {
  const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '))
  expect(last).toContain('\nUSER node\n')
  expect(last).toContain('COPY --from=packages /k1n/node_modules')
  expect(dockerfile).toMatch(/AS packages\n[^]*?npm ci --omit=dev/)
})

test('the Node of the image is that of .nvmrc and of the pinned packages', () => {
  const major = read('.nvmrc').trim()
  expect(/^FROM node:(\d+)-slim/m.exec(dockerfile)?.[1]).toBe(major)
  const manifest = z
    .object({ engines: z.object({ node: z.string() }), optionalDependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(read('package.json')))
  for (const version of Object.values(manifest.optionalDependencies)) expect(version.split('.')[0]).toBe(major)
  expect(Number(/\d+/.exec(manifest.engines.node)?.[0])).toBeLessThanOrEqual(Number(major))
})
