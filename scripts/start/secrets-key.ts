// The key that seals secrets in Redis: taken from the settings, or made once and kept in the data directory.
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { isSecretsKey } from '../../shared/kernel/config.ts'
import { keptSecret } from './kept-secret.ts'

/** Where the key is kept. */
export const secretsKeyFile = (dataDir: string): string => join(dataDir, 'secrets-key')

/** The text of `K1N_SECRETS_KEY` for all processes: the given one, else the kept one, else a new one. A given one is not written
 *  down: it would take the place of the one that may still be needed to open what it sealed. */
export const secretsKey = (dataDir: string, given: string | undefined): string => {
  if (given) return given
  const file = secretsKeyFile(dataDir)
  const kept = keptSecret(file, () => randomBytes(32).toString('base64'))
  if (!isSecretsKey(kept))
    throw new Error(`${file} does not hold 32 bytes in base64, as \`openssl rand -base64 32\` makes`)
  return kept
}
