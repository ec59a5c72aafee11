// Reads values that anybody may have thrown: nothing here throws, whatever proxies, getters and cycles do.
import { inspect } from 'node:util'

/** `value[key]`, or undefined when it has none or does not want to tell. */
export function peek(value: unknown, key: PropertyKey): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  try {
    return (value as Record<PropertyKey, unknown>)[key]
  } catch {
    return undefined
  }
}

export function peekString(value: unknown, key: PropertyKey): string | undefined {
  const member = peek(value, key)
  return typeof member === 'string' && member !== '' ? member : undefined
}

export function peekNumber(value: unknown, key: PropertyKey): number | undefined {
  const member = peek(value, key)
  return typeof member === 'number' && Number.isFinite(member) ? member : undefined
}

const ANCESTORS_MAX = 8

/** Its own `name` and the names of its classes, nearest first. */
export function namesOf(value: unknown): string[] {
  const names = [peekString(value, 'name')]
  let ancestor = parentOf(value)
  for (let depth = 0; depth < ANCESTORS_MAX && ancestor !== null; depth += 1) {
    names.push(peekString(peek(ancestor, 'constructor'), 'name'))
    ancestor = parentOf(ancestor)
  }
  return names.filter((name) => name !== undefined)
}

function parentOf(value: unknown): object | null {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return null
  try {
    return Object.getPrototypeOf(value) as object | null
  } catch {
    return null
  }
}

/** One line about a value that is no error; getters are not called and proxies not asked. */
export function sketch(value: unknown): string {
  if (typeof value === 'string') return value
  try {
    return inspect(value, {
      depth: 1,
      breakLength: Infinity,
      maxArrayLength: 10,
      maxStringLength: 200,
      customInspect: false,
    })
  } catch {
    return `a thrown ${typeof value}`
  }
}

/** Text that Redis, JSON, logs and screens can all carry, at most `bytesMax` bytes of UTF-8; `…` marks a cut. */
export function cleanText(text: string, bytesMax: number): string {
  // A character is a byte at least, so nothing that could be kept is lost; and a text of 100 MB is not copied.
  const short = text
    .slice(0, bytesMax + 1)
    .toWellFormed()
    .replaceAll('\r\n', '\n')
    .replace(CONTROLS, '\ufffd')
  const bytes = Buffer.from(short)
  if (text.length <= bytesMax + 1 && bytes.length <= bytesMax) return short
  return new TextDecoder().decode(bytes.subarray(0, Math.max(bytesMax - 3, 0)), { stream: true }) + '…'
}
// All but tab and line feed: NUL breaks stores, the others steer terminals.
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g
