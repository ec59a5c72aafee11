// Ledgers: lines that outlive whoever wrote them. What was promised and what ran is judged from these, not from memory.
import { closeSync, existsSync, fdatasync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Ack, Execution } from './evidence.ts'

export interface AckLedger {
  /** Resolves when the line is on the disk; lines that come together share one sync. */
  write(ack: Ack): Promise<void>
  close(): Promise<void>
}

export const openAckLedger = (path: string): AckLedger => {
  const file = openSync(path, 'a')
  let syncing: Promise<void> | undefined
  let next: Promise<void> | undefined
  const sync = (): Promise<void> =>
    new Promise((resolve, reject) => fdatasync(file, (error) => (error ? reject(error) : resolve())))
  /** A sync that began before a line was written says nothing about it: the line waits for the one after. */
  const covered = (): Promise<void> => {
    next ??= (syncing ?? Promise.resolve()).then(() => {
      next = undefined
      return (syncing = sync())
    })
    return next
  }
  return {
    async write(ack) {
      writeSync(file, JSON.stringify(ack) + '\n')
      await covered()
    },
    async close() {
      await covered()
      closeSync(file)
    },
  }
}

/** Reads a ledger; a last line that was torn by a crash counts as not written. */
const lines = (path: string): unknown[] => {
  if (!existsSync(path)) return []
  return readFileSync(path, 'utf8')
    .split('\n')
    .flatMap((line) => parse(line))
}

const parse = (line: string): unknown[] => {
  if (line === '') return []
  try {
    return [JSON.parse(line) as unknown]
  } catch {
    return []
  }
}

/** The last word on each key. */
export const readAcks = (path: string): Ack[] => {
  const acks = (lines(path) as Ack[]).map((ack): [string, Ack] => [ack.key, ack])
  return [...new Map(acks).values()]
}

/** What a handler writes: one line as it begins, one as it ends. */
export type ExecutionLine =
  | { at: number; run: string; begins: Pick<Execution, 'id' | 'key' | 'attempt' | 'pid'> }
  | { at: number; run: string; ends: NonNullable<Execution['how']> }

export const readExecutions = (path: string): Execution[] => {
  const runs = new Map<string, Execution>()
  for (const line of lines(path) as ExecutionLine[]) {
    if ('begins' in line) runs.set(line.run, { run: line.run, startedAt: line.at, ...line.begins })
    else {
      const run = runs.get(line.run)
      if (run && run.how === undefined) Object.assign(run, { endedAt: line.at, how: line.ends })
    }
  }
  return [...runs.values()]
}
