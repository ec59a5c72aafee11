// The first key: taken from the settings or made once, and kept in the data directory for its owner's eyes only.
import { join } from 'node:path'
import { generateKey, isKey } from '../../shared/kernel/api-key.ts'
import { keepSecret, keptSecret } from './kept-secret.ts'

/** Where the key is kept. */
export const adminKeyFile = (dataDir: string): string => join(dataDir, 'admin-key')

/** The admin key: the given one, else the kept one, else a new one. Whichever it is, it is in the file, mode 600, after.
 *  Throws when a key is not a secret key of the right form; the message has an example. */
export const adminKey = (dataDir: string, given: string | undefined): string => {
  const file = adminKeyFile(dataDir)
  const key = given ?? keptSecret(file, () => generateKey('sk'))
  if (!isKey(key) || !key.startsWith('k1n_sk_')) throw new Error(notAKey(given ? 'K1N_ADMIN_KEY' : file))
  keepSecret(file, key)
  return key
}

const notAKey = (where: string): string =>
  `${where} is not a secret key of k1n. A right one looks like this (made just now, yours to use): ${generateKey('sk')}`
