// Merging and splitting are about names alone: each part is always in one group, and what was merged can be taken out.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { groupOf, merging, splitting } from './aliases.ts'
import type { AliasChanges, Aliases } from './aliases.ts'

const FINGERPRINTS = ['a', 'b', 'c', 'd']
const parts = FINGERPRINTS.flatMap((fingerprint) => ['q', 'r'].map((queue) => ({ fingerprint, queue })))
const apply = (aliases: Aliases, changes: AliasChanges): Aliases =>
  Object.fromEntries(
    Object.entries({ ...aliases, ...changes }).filter((entry): entry is [string, string] => entry[1] !== null),
  )
const groupsOf = (aliases: Aliases): string[] => [...new Set(parts.map((part) => groupOf(aliases, part)))]
const membersOf = (aliases: Aliases, group: string) => parts.filter((part) => groupOf(aliases, part) === group)

const step = fc.record({ kind: fc.constantFrom('merge', 'split'), one: fc.nat(7), other: fc.nat(7) })

test('after any merges and splits, merged groups are whole and a group can be split back into its causes', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let aliases: Aliases = {}
      for (const { kind, one, other } of steps) {
        const groups = groupsOf(aliases)
        const from = groups[one % groups.length] ?? ''
        const into = groups[other % groups.length] ?? ''
        if (kind === 'merge' && from !== into) {
          const both = [...membersOf(aliases, from), ...membersOf(aliases, into)]
          aliases = apply(aliases, merging(aliases, parts, from, into))
          expect(new Set(membersOf(aliases, into))).toEqual(new Set(both))
        }
        const out = membersOf(aliases, from).slice(1)
        if (kind === 'split' && out.length > 0) {
          const { changes, groups: made } = splitting(aliases, out, from)
          aliases = apply(aliases, changes)
          for (const group of made) expect(membersOf(aliases, group).length).toBeGreaterThan(0)
        }
      }
      expect(groupsOf(aliases).flatMap((group) => membersOf(aliases, group))).toHaveLength(parts.length)
    }),
  )
})

test('merging back what was split off leaves no alias behind', () => {
  const { changes, groups } = splitting({}, [{ fingerprint: 'a', queue: 'r' }], 'a')
  const split = apply({}, changes)
  expect(groupsOf(split)).toHaveLength(5)
  expect(apply(split, merging(split, parts, groups[0] ?? '', 'a'))).toEqual({})
})
