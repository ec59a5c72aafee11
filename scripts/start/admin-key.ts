// The first key: taken from the settings or made once, and kept in the data directory for its owner's eyes only.
import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKey, isKey } from '../../shared/kernel/api-key.ts'

/** Where the key is kept. */
export const adminKeyFile = (dataDir: string): string => join(dataDir, 'admin-key')

/** The admin key: the given one, else the kept one, else a new one. Whichever it is, it is in the file, mode 600, after.
 *  Throws when a key is not a secret key of the right form; the message has an example. */
export const adminKey = (dataDir: string, given: string | undefined): string => {
  const file = adminKeyFile(dataDir)
  mkdirSync(dataDir, { recursive: true })
  const kept = given ? undefined : (read(file) ?? made(file))
  const key = given ?? kept ?? ''
  if (!isKey(key) || !key.startsWith('k1n_sk_')) throw new Error(notAKey(given ? 'K1N_ADMIN_KEY' : file))
  if (key !== kept) writeFileSync(file, `${key}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  return key
}

/** Two processes that start on one new data directory must end with one key: only one of them makes the file. */
const made = (file: string): string | undefined => {
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, `${generateKey('sk')}\n`, { mode: 0o600 })
  try {
    linkSync(draft, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    rmSync(draft)
  }
  return read(file)
}

const read = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch {
    return undefined
  }
}

const notAKey = (where: string): string =>
  `${where} is not a secret key of k1n. A right one looks like this (made just now, yours to use): ${generateKey('sk')}`
