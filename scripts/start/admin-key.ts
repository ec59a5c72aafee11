// The first key: taken from the settings or made once, and kept in the data directory for its owner's eyes only.
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateKey, isKey } from '../../shared/kernel/api-key.ts'

/** Where the key is kept. */
export const adminKeyFile = (dataDir: string): string => join(dataDir, 'admin-key')

/** The admin key: the given one, else the kept one, else a new one. Whichever it is, it is in the file, mode 600, after.
 *  Throws when a key is not a secret key of the right form; the message has an example. */
export const adminKey = (dataDir: string, given: string | undefined): string => {
  const file = adminKeyFile(dataDir)
  const kept = given ? undefined : read(file)
  const key = given ?? kept ?? generateKey('sk')
  if (!isKey(key) || !key.startsWith('k1n_sk_')) throw new Error(notAKey(given ? 'K1N_ADMIN_KEY' : file))
  mkdirSync(dataDir, { recursive: true })
  if (key !== kept) writeFileSync(file, `${key}\n`, { mode: 0o600 })
  chmodSync(file, 0o600)
  return key
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
