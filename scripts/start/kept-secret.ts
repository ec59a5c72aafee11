// A secret that is made once and kept in a file for its owner's eyes only.
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** The secret in a file, mode 600: the one that is there, else a new one. */
export const keptSecret = (file: string, make: () => string): string => {
  mkdirSync(dirname(file), { recursive: true })
  const kept = read(file) ?? made(file, make)
  chmodSync(file, 0o600)
  return kept
}

/** Writes a secret to its file, mode 600, in place of the one that was there. */
export const keepSecret = (file: string, secret: string): void => {
  mkdirSync(dirname(file), { recursive: true })
  if (read(file) !== secret) writeFileSync(file, `${secret}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
}

/** Two processes that start on one new data directory must end with one secret: only one of them makes the file. */
const made = (file: string, make: () => string): string => {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${make()}\n`, { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return read(file) ?? ''
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}
