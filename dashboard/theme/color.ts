// Colour arithmetic for checking the tokens: WCAG contrast, and differences as people with colour blindness see them.

export type Rgb = readonly [number, number, number]
type Matrix = readonly [Rgb, Rgb, Rgb]

/** Reads `#rrggbb` into channels of 0–1; anything else is a mistake in the token file. */
export const parseHex = (hex: string): Rgb => {
  const match = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(hex.trim())
  if (!match) throw new Error(`not an opaque hex colour: ${hex}`)
  const channel = (index: number): number => parseInt(match[index] ?? '', 16) / 255
  return [channel(1), channel(2), channel(3)]
}

const toLinear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
const linear = ([r, g, b]: Rgb): Rgb => [toLinear(r), toLinear(g), toLinear(b)]
const dot = (row: Rgb, [x, y, z]: Rgb): number => row[0] * x + row[1] * y + row[2] * z
const times = (matrix: Matrix, color: Rgb): Rgb => [dot(matrix[0], color), dot(matrix[1], color), dot(matrix[2], color)]
const luminance = (hex: string): number => dot([0.2126, 0.7152, 0.0722], linear(parseHex(hex)))

/** The WCAG 2 contrast ratio of two colours, 1–21, in either order. */
export const contrast = (one: string, other: string): number => {
  const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** Machado, Oliveira and Fernandes 2009 at full severity, on linear RGB. */
const VISION: Record<Vision, Matrix> = {
  normal: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protan: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deutan: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritan: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
}

export type Vision = 'normal' | 'protan' | 'deutan' | 'tritan'
export const visions: readonly Vision[] = ['normal', 'protan', 'deutan', 'tritan']

const TO_LMS: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
]
const TO_LAB: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
]
const clamp = (value: number): number => Math.min(1, Math.max(0, value))

const oklab = (hex: string, vision: Vision): Rgb => {
  const [r, g, b] = times(VISION[vision], linear(parseHex(hex)))
  const [l, m, s] = times(TO_LMS, [clamp(r), clamp(g), clamp(b)])
  return times(TO_LAB, [Math.cbrt(l), Math.cbrt(m), Math.cbrt(s)])
}

/** How far apart two colours look to one kind of eye: distance in OKLab × 100, about 2 being just noticeable. */
export const difference = (one: string, other: string, vision: Vision): number => {
  const [a, b] = [oklab(one, vision), oklab(other, vision)]
  return 100 * Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2])
}
