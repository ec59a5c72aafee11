// What the terminal shows of a child's log: warnings and errors, each as one readable line.

/** The line to show for a line of a child's log, or nothing: only `{"level":"warn"|"error","msg":…}` is worth a look. */
export const shown = (child: string, line: string): string | undefined => {
  const entry = parse(line)
  if (entry?.level !== 'warn' && entry?.level !== 'error') return undefined
  const cause = entry.error?.message ? ` (${entry.error.message})` : ''
  return `${child}: ${entry.level === 'warn' ? 'warning: ' : 'error: '}${entry.msg ?? line}${cause}`
}

interface Entry {
  level?: string
  msg?: string
  error?: { message?: string }
}

const parse = (line: string): Entry | undefined => {
  if (!line.startsWith('{')) return undefined
  try {
    return JSON.parse(line) as Entry
  } catch {
    return undefined
  }
}

const quietMs = 10_000

/** Prints lines with the time of day; the same line again within 10 s is left out, so that an outage does not flood. */
export const createTerminal = (write: (text: string) => void, now: () => number = Date.now) => {
  const last = new Map<string, number>()
  return (line: string): void => {
    for (const [text, at] of last) if (now() - at >= quietMs) last.delete(text)
    if (last.has(line)) return
    last.set(line, now())
    write(`${new Date(now()).toTimeString().slice(0, 8)}  ${line}\n`)
  }
}
export type Terminal = ReturnType<typeof createTerminal>

/** Cuts a stream's chunks into whole lines. */
export const byLine = (line: (text: string) => void) => {
  let rest = ''
  return (chunk: Buffer | string): void => {
    const parts = (rest + chunk.toString()).split('\n')
    rest = parts.pop() ?? ''
    for (const part of parts) line(part)
  }
}
