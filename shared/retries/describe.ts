// Makes of anything thrown what is kept of it: small, readable, safe to store and to show.
import { classify, MESSAGE_BYTES_MAX } from './classify.ts'
import { cleanText, peekString } from './peek.ts'
import type { ErrorClass } from './words.ts'

/** An error as jobs, attempts and dead letters carry it (`JobError` of the API). */
export interface DescribedError {
  name: string
  message: string
  code?: string
  class: ErrorClass
  stack?: string
}

export interface ErrorLimits {
  /** Default, and most, 2,000. */
  messageBytes?: number
  /** Default 4,096. 0 leaves the stack out. */
  stackBytes?: number
}

const STACK_BYTES = 4_096
const HEADING_BYTES = 512
// What is read of a stack at all; a handler may have put anything there.
const STACK_CHARACTERS_READ = 65_536

/** Never throws. A stack that is too long loses the frames of Node and of packages first. */
export function describeError(error: unknown, limits: ErrorLimits = {}): DescribedError {
  const { class: errorClass, name, message, code } = classify(error)
  const stack = trimStack(peekString(error, 'stack') ?? '', limits.stackBytes ?? STACK_BYTES)
  return {
    name,
    message: cleanText(message, limits.messageBytes ?? MESSAGE_BYTES_MAX),
    ...(code === undefined ? {} : { code }),
    class: errorClass,
    ...(stack === '' ? {} : { stack }),
  }
}

function trimStack(stack: string, bytesMax: number): string {
  if (bytesMax <= 0) return ''
  const lines = withoutHere(stack.slice(0, STACK_CHARACTERS_READ)).split('\n')
  const first = lines.findIndex((line) => FRAME.test(line))
  const heading = cleanText((first === -1 ? lines : lines.slice(0, first)).join('\n'), HEADING_BYTES)
  const frames = first === -1 ? [] : lines.slice(first).map((line) => cleanText(line, HEADING_BYTES))
  return cleanText([heading, ...fitting(frames, bytesMax - Buffer.byteLength(heading))].join('\n'), bytesMax)
}

/** As many frames as fit, ours before others, in their order. */
function fitting(frames: string[], bytesMax: number): string[] {
  const kept = new Set<number>()
  let left = bytesMax
  for (const [index, frame] of [...frames.entries()].sort(
    ([, a], [, b]) => Number(isForeign(a)) - Number(isForeign(b)),
  )) {
    left -= Buffer.byteLength(frame) + 1
    if (left < 0) break
    kept.add(index)
  }
  return frames.filter((_, index) => kept.has(index))
}

const FRAME = /^\s+at /
const isForeign = (frame: string): boolean => /node_modules|\bnode:|<anonymous>/.test(frame)

// Where the installation lies is nobody's business, and shorter paths leave room for more frames.
const withoutHere = (text: string): string => text.replaceAll(`file://${HERE}`, '').replaceAll(HERE, '')
const HERE = `${process.cwd()}/`
