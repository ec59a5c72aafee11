// Drawing operations come to the canvas whole, each in its ink.
import { expect, test } from 'vitest'
import { CROSS, OPEN, Ops, RECT, ROUND, type Pen } from './ops.ts'

const nothing = (): void => undefined

/** Tells the inks and places of what was filled; of a path that is begun anew unfilled nothing. */
const filled = (ops: Ops): string[] => {
  const said: string[] = []
  let path: string[] = []
  const pen: Pen = {
    ...{ fillStyle: '', strokeStyle: '', lineWidth: 1, font: '', textBaseline: 'middle' },
    ...{ moveTo: nothing, lineTo: nothing, stroke: nothing, fillText: nothing },
    fillRect: (x) => said.push(`${pen.fillStyle as string} rect ${x}`),
    beginPath: () => (path = []),
    roundRect: (x, _y, _width, _height, radii) => path.push(`${Array.isArray(radii) ? 'open' : 'round'} ${x}`),
    fill: () => said.push(...path.map((shape) => `${pen.fillStyle as string} ${shape}`)),
  }
  ops.replay(pen, ['red', 'blue'], [])
  return said
}

test('rounded shapes are filled once each and in their ink, whatever stands between them', () => {
  const ops = new Ops()
  const kinds = [ROUND, ROUND, OPEN, RECT, ROUND, CROSS, OPEN] as const
  const wanted: string[] = []
  for (let at = 0; at < 200; at++) {
    const kind = kinds[at % kinds.length] ?? ROUND
    const ink = Math.floor(at / 60) % 2
    ops.shape(kind, ink, at, 0, 20, 10)
    const name = { [ROUND]: 'round', [OPEN]: 'open', [RECT]: 'rect', [CROSS]: '' }[kind]
    if (name) wanted.push(`${ink === 0 ? 'red' : 'blue'} ${name} ${at}`)
  }
  expect(filled(ops).sort()).toEqual(wanted.sort())
})

test('many rounded shapes of one ink take few fills', () => {
  const ops = new Ops()
  for (let at = 0; at < 100; at++) ops.shape(ROUND, 0, at, 0, 20, 10)
  let fills = 0
  const pen = new Proxy({} as Pen, { get: (_, name) => (name === 'fill' ? () => fills++ : nothing), set: () => true })
  ops.replay(pen, ['red'], [])
  expect(fills).toBeLessThanOrEqual(10)
})
