// Which deaths have one cause: what stays the same from one to the next, as a short id that is the same everywhere.
import { hashId } from '../kernel/ids.ts'
import { normalise } from './normalise.ts'

/** Goes up with every change of what is taken out or looked at: the index is made anew then. */
export const FINGERPRINT_VERSION = 1

export interface Fingerprint {
  /** 16 letters and digits. */
  readonly id: string
  /** The message without what varies; the error's name where there is no message. */
  readonly title: string
}

export interface Failure {
  /** The job's name. */
  readonly name: string
  readonly error: { readonly name: string; readonly message: string; readonly stack?: string | undefined }
}

/** Fingerprints what is told of a failure: the same whoever ran the job, wherever its code lies, whatever it was about. */
export const fingerprintOf = ({ name, error }: Failure): Fingerprint => {
  const title = normalise(error.message)
  const frames = ownFrames(error.stack ?? '')
  const id = hashId(16, String(FINGERPRINT_VERSION), name, error.name, title, ...frames)
  return { id, title: title === '' ? error.name : title }
}

const FRAMES = 3
const LINES_READ = 60

/** The topmost frames of the user's own code, as `function file`: without lines, and without where it is installed. */
export const ownFrames = (stack: string): string[] => {
  const frames: string[] = []
  for (const line of stack.split('\n', LINES_READ)) {
    const frame = frameOf(line)
    if (frame !== undefined && frames.push(frame) === FRAMES) break
  }
  return frames
}

const FRAME = /^\s*at (?:async )?(?:(.{1,200}?) \()?((?:file:\/\/)?[^()\s][^()]{0,500}?)(?::\d+)?(?::\d+)?\)?$/
const FOREIGN = /^node:|^internal\/|[\\/]node_modules[\\/]|^<anonymous>$|^native$|^wasm:/

const frameOf = (line: string): string | undefined => {
  const [, called = '', place = ''] = FRAME.exec(line) ?? []
  if (place === '' || FOREIGN.test(place)) return undefined
  return `${functionOf(called)} ${fileOf(place)}`
}

/** `new Mailer.send [as run]` and `Mailer.send` are one function. */
const functionOf = (called: string): string =>
  called
    .replace(/ \[as [^\]]*\]/, '')
    .replace(/^(?:new|async) /, '')
    .replace(/\d{2,}/g, '')

/** The last two parts of a path; digests that bundlers put into names are left out. */
const fileOf = (place: string): string =>
  place
    .replace(/[?#].*$/, '')
    .split(/[\\/]/)
    .slice(-2)
    .map((part) => part.replace(/[.-](?=[A-Za-z0-9_]*\d)[A-Za-z0-9_]{6,}(?=\.)/g, ''))
    .join('/')
