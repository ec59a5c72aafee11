// Settings are right or refused as a whole, every mistake with its variable's name.
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { generateKey } from './api-key.ts'
import { SettingsError, importDir, readSettings } from './config.ts'

const mistakesOf = (env: Record<string, string>): string[] => {
  try {
    readSettings(env)
    return []
  } catch (error) {
    expect(error).toBeInstanceOf(SettingsError)
    return (error as Error).message.split('\n').slice(1)
  }
}

test('nothing has to be set, and an empty variable counts as absent', () => {
  const settings = readSettings({ PORT: '', K1N_DATA_DIR: '' })
  expect(settings).toMatchObject({ PORT: 3000, HOST: '127.0.0.1', K1N_QUEUES: ['*'], K1N_HTTP_ALLOW_CIDRS: [] })
  expect(importDir(settings)).toBe(resolve('.k1n/imports'))
  expect(importDir(readSettings({ K1N_IMPORT_DIR: 'in' }))).toBe(resolve('in'))
  expect(Object.isFrozen(settings)).toBe(true)
})

test('lists are separated by commas, blanks and empty items left out', () => {
  const settings = readSettings({ K1N_QUEUES: 'mail, billing-*,,', K1N_HTTP_ALLOW_CIDRS: '10.0.0.0/8, fd00::/8' })
  expect([settings.K1N_QUEUES, settings.K1N_HTTP_ALLOW_CIDRS]).toEqual([
    ['mail', 'billing-*'],
    ['10.0.0.0/8', 'fd00::/8'],
  ])
})

test('how version 1 ends is read as moments and spans', () => {
  expect(readSettings({})).toMatchObject({
    K1N_API_V1: 'on',
    K1N_API_V1_DEPRECATED_AT: Date.UTC(2026, 0, 1),
    K1N_API_V1_SUNSET_AT: Date.UTC(2027, 5, 30, 23, 59, 59),
    K1N_API_V1_BROWNOUTS: [],
    K1N_API_V1_BROWNOUT_PERCENT: 100,
    K1N_DEPRECATION_FORMAT: 'rfc9745',
  })
  const spans = '2027-05-04T10:00:00Z/2027-05-04T11:00:00Z, 2027-06-01T00:00:00+02:00/2027-06-01T01:00:00+02:00'
  expect(readSettings({ K1N_API_V1_BROWNOUTS: spans }).K1N_API_V1_BROWNOUTS).toEqual([
    { from: Date.UTC(2027, 4, 4, 10), to: Date.UTC(2027, 4, 4, 11) },
    { from: Date.UTC(2027, 4, 31, 22), to: Date.UTC(2027, 4, 31, 23) },
  ])
  for (const span of ['soon', '2027-05-04T11:00:00Z/2027-05-04T10:00:00Z', '2027-05-04T11:00:00Z'])
    expect(mistakesOf({ K1N_API_V1_BROWNOUTS: span })).toEqual([expect.stringContaining('must be spans such as')])
})

test('settings that contradict each other are refused', () => {
  expect(mistakesOf({ K1N_API_V1: 'brownout', K1N_API_V1_SUNSET_AT: '2025-01-01T00:00:00Z' })).toEqual([
    '  - K1N_API_V1_SUNSET_AT must not lie before K1N_API_V1_DEPRECATED_AT',
    '  - K1N_API_V1=brownout needs the spans of K1N_API_V1_BROWNOUTS',
  ])
})

test('all mistakes are told at once', () => {
  expect(mistakesOf({ PORT: 'web', REDIS_URL: 'localhost:6379', K1N_DEMO: 'yes', K1N_PROT: '1' })).toEqual([
    '  - PORT must be a whole number',
    '  - REDIS_URL must start with redis:// or rediss://',
    expect.stringMatching(/^ {2}- K1N_DEMO .*"on"\|"off"/),
    '  - K1N_PROT is not a setting k1n knows',
  ])
})

describe.each([
  ['PORT', ['70000', '-1', '1.5', 'NaN']],
  ['K1N_ADMIN_KEY', ['secret', `${generateKey('sk').slice(0, -1)}!`]],
  ['K1N_HTTP_ALLOW_CIDRS', ['10.0.0.0', '300.1.1.1/8', '10.0.0.0/33', 'fd00::/129', ':::/8', 'example.org/8']],
  ['K1N_PUBLIC_URL', ['ftp://k1n.example', 'k1n']],
  ['K1N_SECRETS_KEY', ['secret', Buffer.alloc(31).toString('base64'), `${Buffer.alloc(32).toString('base64')},short`]],
  ['K1N_WEBHOOK_ALLOW_CIDRS', ['10.0.0.0']],
  ['K1N_WEBHOOK_PORTS', ['https', '0', '65536', ',']],
  ['K1N_BULLMQ_PREFIX', ['a b', '']],
  ['K1N_WORKERS', ['0', '65']],
])('%s', (name, values) => {
  test.each(values.filter((value) => value !== ''))('%s is refused by name', (value) => {
    expect(mistakesOf({ [name]: value })).toEqual([expect.stringContaining(name)])
  })
})

test('the public address is kept without its last slash', () => {
  expect(readSettings({ K1N_PUBLIC_URL: 'https://k1n.example/' }).K1N_PUBLIC_URL).toBe('https://k1n.example')
})

describe('ranges opened for webhooks', () => {
  const opened = { K1N_WEBHOOK_ALLOW_CIDRS: '10.0.0.0/8' }

  test('are refused in production, unless they are confirmed', () => {
    expect(mistakesOf({ ...opened, NODE_ENV: 'production' })).toEqual([
      expect.stringContaining('set K1N_WEBHOOK_ALLOW_CIDRS_CONFIRM to the same'),
    ])
    const confirm = (text: string) => ({ ...opened, NODE_ENV: 'production', K1N_WEBHOOK_ALLOW_CIDRS_CONFIRM: text })
    expect(mistakesOf(confirm('yes'))).toHaveLength(1)
    expect(mistakesOf(confirm('10.0.0.0/8'))).toEqual([])
  })

  test('are as they are elsewhere', () => {
    expect(readSettings(opened).K1N_WEBHOOK_ALLOW_CIDRS).toEqual(['10.0.0.0/8'])
    expect(mistakesOf({ NODE_ENV: 'production' })).toEqual([])
  })
})
