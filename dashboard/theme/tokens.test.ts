// The promise of the palette: every pair is readable in both themes, and fills survive colour blindness.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { contrast, difference, visions } from './color.ts'

const folder = import.meta.dirname
const css = readFileSync(join(folder, 'tokens.css'), 'utf8')

const tokensOf = (theme: string): Record<string, string> => {
  const block = new RegExp(`:root\\[data-theme='${theme}'\\] \\{([^}]*)\\}`).exec(css)?.[1] ?? ''
  return Object.fromEntries(
    [...block.matchAll(/--([\w-]+): (#\w{6});/g)].map(([, name = '', value = '']) => [name, value] as const),
  )
}

const surfaces = ['canvas', 'surface', 'sunken', 'hover', 'selected']
const states = ['waiting', 'delayed', 'running', 'done', 'retrying', 'failed', 'dead', 'stalled', 'held', 'cancelled']
const fills = ['done', 'running', 'retrying', 'failed', 'dead', 'held']
const priorities = ['low', 'normal', 'high', 'critical']

describe.each(['light', 'dark'])('the %s theme', (theme) => {
  const tokens = tokensOf(theme)
  const color = (name: string): string => {
    const value = tokens[name]
    if (value === undefined) throw new Error(`--${name} is missing in ${theme}`)
    return value
  }
  const ratio = (one: string, other: string): number => contrast(color(one), color(other))

  test.each(['text', 'text2', 'text3', 'accent', ...states.map((state) => `state-${state}`)])(
    '%s reads on every surface',
    (name) => {
      for (const surface of surfaces) expect(ratio(name, surface), surface).toBeGreaterThanOrEqual(4.5)
    },
  )

  test.each(['control-line', 'focus'])('%s is seen on every surface', (name) => {
    for (const surface of surfaces) expect(ratio(name, surface), surface).toBeGreaterThanOrEqual(3)
  })

  test.each(states)('the chip of %s reads', (state) => {
    expect(ratio(`state-${state}`, `chip-${state}`)).toBeGreaterThanOrEqual(4.5)
  })

  test.each(['accent', 'fill', 'prio'])('labels on %s read', (kind) => {
    const pairs = {
      accent: [['on-accent', 'accent-solid']],
      fill: fills.map((name) => [`on-fill-${name}`, `fill-${name}`]),
      prio: priorities.map((name) => [`on-prio-${name}`, `prio-${name}`]),
    }
    for (const [label = '', under = ''] of pairs[kind as keyof typeof pairs])
      expect(ratio(label, under), under).toBeGreaterThanOrEqual(4.5)
  })

  test.each(fills)('the fill of %s, or its outline, is seen on the surface', (name) => {
    expect(Math.max(ratio(`fill-${name}`, 'surface'), ratio(`state-${name}`, 'surface'))).toBeGreaterThanOrEqual(3)
  })

  test.each(priorities)('the priority %s is seen on the surface', (name) => {
    expect(ratio(`prio-${name}`, 'surface')).toBeGreaterThanOrEqual(3)
  })

  test.each(visions)('any two fills and neighbouring priorities differ to a %s eye', (vision) => {
    const pairs = fills.flatMap((one, index) => fills.slice(index + 1).map((other) => [`fill-${one}`, `fill-${other}`]))
    const steps = priorities.slice(1).map((name, index) => [`prio-${priorities[index] ?? ''}`, `prio-${name}`])
    for (const [one = '', other = ''] of [...pairs, ...steps])
      expect(difference(color(one), color(other), vision), `${one} and ${other}`).toBeGreaterThanOrEqual(8)
  })
})

test('both themes name the same tokens', () => {
  expect(Object.keys(tokensOf('dark'))).toEqual(Object.keys(tokensOf('light')))
})

test('no file outside the theme names a raw colour', () => {
  const dashboard = join(folder, '..')
  const files = readdirSync(dashboard, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.(svelte|ts|css)$/.test(file) && !/^(dist|theme)\//.test(file) && !file.endsWith('.test.ts'),
  )
  const rawColor = /#(?:[\da-f]{6}|[\da-f]{3})(?:[\da-f]{2})?(?=[;'" )])|\b(?:rgba?|hsla?|oklch)\(/i
  const raw = files.filter((file) => rawColor.test(readFileSync(join(dashboard, file), 'utf8')))
  expect(files.length).toBeGreaterThan(0)
  expect(raw).toEqual([])
})
