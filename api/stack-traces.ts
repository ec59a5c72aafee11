// Stack traces of the bundle name the lines of the sources. Node would read the map of the bundle at every start, which is a tenth
// of it; here it is read when the first trace is asked for.
import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'

/** A place in the bundle, as a frame of a trace tells it. */
const PLACE = /(file:\/\/[^\s()]+\/api\/dist\/[\w-]+\.js):(\d+):(\d+)/

const maps = new Map<string, SourceMap | undefined>()

const mapOf = (url: string): SourceMap | undefined => {
  if (!maps.has(url)) maps.set(url, read(new URL(`${url}.map`)))
  return maps.get(url)
}

const read = (url: URL): SourceMap | undefined => {
  try {
    return new SourceMap(JSON.parse(readFileSync(url, 'utf8')) as ConstructorParameters<typeof SourceMap>[0])
  } catch {
    return undefined
  }
}

/** A frame with the place in the sources where it has one in the bundle; as it is where there is no map. */
export const inSources = (frame: string): string =>
  frame.replace(PLACE, (place, url: string, line: string, column: string) => {
    const entry = mapOf(url)?.findEntry(Number(line) - 1, Number(column) - 1)
    if (entry === undefined || !('originalSource' in entry)) return place
    return `${new URL(entry.originalSource, url).href}:${entry.originalLine + 1}:${entry.originalColumn + 1}`
  })

/** What Node puts before the frames; it names the codes of its own errors. */
const headOf = (error: Error): string => {
  const { code } = error as { code?: unknown }
  const isOfNode = typeof code === 'string' && code.startsWith('ERR_') && !error.name.includes(code)
  return isOfNode ? `${error.name} [${code}]: ${error.message}` : Error.prototype.toString.call(error)
}

/** Has this process tell its traces so from now on. */
export const nameSources = (): void => {
  Error.prepareStackTrace = (error, frames) =>
    [headOf(error), ...frames.map((frame: { toString(): string }) => inSources(frame.toString()))].join('\n    at ')
}
