// The log: one JSON line per fact on standard output, with credentials never in it.

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'
export interface Log {
  debug(msg: string, fields?: Record<string, unknown>): void
  info(msg: string, fields?: Record<string, unknown>): void
  warn(msg: string, fields?: Record<string, unknown>): void
  error(msg: string, fields?: Record<string, unknown>): void
  /** A log that adds these fields to every line. */
  with(fields: Record<string, unknown>): Log
}

const order: LogLevel[] = ['debug', 'info', 'warn', 'error']
const secrets: [RegExp, string][] = [
  [/k1n_(sk|wk|pk)_[0-9A-Za-z]{38}/g, 'k1n_$1_[redacted]'],
  [/whsec_[A-Za-z0-9+/=]+/g, 'whsec_[redacted]'],
  [/tkt_[A-Za-z0-9_-]+/g, 'tkt_[redacted]'],
  [/(rediss?:\/\/[^:@/\s]*:)[^@/\s]+@/g, '$1[redacted]@'],
]

/** Removes credentials from any text; used for log lines and for messages that reach a screen. */
export const redact = (text: string): string =>
  secrets.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), text)

const plain = (value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value)
  return value instanceof Error ? { name: value.name, message: value.message, stack: value.stack } : value
}

const write = (entry: Record<string, unknown>): string => JSON.stringify(entry, (_key, value: unknown) => plain(value))

/** Never throws: a line that cannot be written whole says why, so that logging a failure is no failure of its own. */
const lineOf = (head: Record<string, unknown>, fields: Record<string, unknown> | undefined): string => {
  try {
    return write({ ...head, ...fields })
  } catch (error) {
    return write({ ...head, unsaid: String(error) })
  }
}

/** Writes JSON lines through `out` (standard output by default) from `level` upwards. */
export const createLog = (
  level: LogLevel = 'info',
  out: (line: string) => void = (line) => process.stdout.write(line + '\n'),
  base: Record<string, unknown> = {},
): Log => {
  const emit = (at: LogLevel) => (msg: string, fields?: Record<string, unknown>) => {
    if (order.indexOf(at) < order.indexOf(level)) return
    out(redact(lineOf({ level: at, at: new Date().toISOString(), msg, ...base }, fields)))
  }
  return {
    debug: emit('debug'),
    info: emit('info'),
    warn: emit('warn'),
    error: emit('error'),
    with: (fields) => createLog(level, out, { ...base, ...fields }),
  }
}
