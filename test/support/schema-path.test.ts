// Paths into a payload are found where a value of it can have them, and nowhere else.
import { expect, test } from 'vitest'
import { z } from 'zod'
import { hasPath } from './schema-path.ts'

const Named = z.object({ city: z.string() }).meta({ id: 'NamedForThisTest' })
interface Tree {
  child?: Tree | undefined
  leaf: string
}
const Tree: z.ZodType<Tree> = z.object({ leaf: z.string(), child: z.lazy(() => Tree).optional() })

test.for<[z.ZodType, has: string[], lacks: string[]]>([
  [z.object({ a: z.object({ b: z.string() }) }), ['a', 'a.b'], ['b', 'a.c', 'a.b.c', 'toString']],
  [z.object({ a: Named, b: Named }), ['a.city', 'b.city'], ['a.town']],
  [Tree, ['child.child.leaf'], ['child.child.twig']],
  [z.union([z.object({ a: z.string() }), z.object({ b: z.string() })]), ['a', 'b'], ['c', 'a.b']],
  [
    z.discriminatedUnion('kind', [
      z.object({ kind: z.literal('x'), x: Named }),
      z.object({ kind: z.literal('y'), y: z.number() }),
    ]),
    ['kind', 'x.city', 'y'],
    ['z', 'y.city'],
  ],
  [z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })), ['a', 'b'], ['c']],
  [z.object({ a: z.object({ b: z.string() }).nullable() }), ['a.b'], ['a.c']],
  [z.object({ a: z.array(Named) }), ['a.0', 'a.12.city'], ['a.city', 'a.0.town', 'a.-1']],
  [z.object({ a: z.tuple([z.string(), Named]) }), ['a.0', 'a.1.city'], ['a.0.city', 'a.first']],
  [z.object({ a: z.record(z.string(), z.number()) }), ['a.anything'], ['a.anything.more']],
  [z.object({ a: z.string(), b: z.boolean(), c: z.null(), d: z.int() }), ['a'], ['a.b', 'b.c', 'c.d', 'd.e']],
  [z.object({ a: z.never().optional(), b: z.literal(['x', 1]) }), ['a', 'b'], ['a.b', 'b.c']],
  [z.looseObject({ a: z.string() }), ['b', 'b.c'], ['a.b']],
  [z.object({ a: z.unknown() }), ['a', 'a.b.0'], ['b']],
])('case %#: what a value can have is found, the rest is not', ([schema, has, lacks]) => {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' })
  const found = [...has, ...lacks].filter((path) => hasPath(json, path.split('.')))
  expect(found).toEqual(has)
})
