// The second linter of the document, whose rules take as long as a hundred other tests. It runs offline.
import core from '@stoplight/spectral-core'
import type { RulesetDefinition } from '@stoplight/spectral-core'
import rulesets from '@stoplight/spectral-rulesets'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const document = new URL('../../openapi.json', import.meta.url)

/** Rules of style that the document follows in another way: a summary says all where no description is needed, and whoever runs k1n is
 *  the contact. */
const otherwise = { 'operation-description': 'off', 'info-contact': 'off' } as const

test('the rules of spectral:oas find nothing', async () => {
  const spectral = new core.Spectral()
  spectral.setRuleset({ extends: [rulesets.oas as RulesetDefinition], rules: otherwise })
  const found = await spectral.run(JSON.parse(readFileSync(document, 'utf8')) as Record<string, unknown>)
  expect(found.map(({ code, path, message }) => `${code} at ${path.join('/')}: ${message}`)).toEqual([])
}, 60_000)
