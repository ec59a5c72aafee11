// What a container runs: sees to the keys, then becomes the named process, `api/dist/main.js` or `workers/main.ts`.
import { existsSync } from 'node:fs'
import { SettingsError, readSettings } from '../shared/kernel/config.ts'
import { nodeFlags } from '../shared/kernel/flags.ts'
import { adminKey, adminKeyFile } from './start/admin-key.ts'
import { secretsKey } from './start/secrets-key.ts'

/** Replaces this process, so that the container's signals reach the named one. */
const become = (script: string): void => {
  if (!existsSync(script)) throw new Error(`${script} is not there; \`npm run bundle\` makes what is bundled`)
  const { K1N_DATA_DIR, K1N_ADMIN_KEY } = readSettings(process.env)
  const key = adminKey(K1N_DATA_DIR, K1N_ADMIN_KEY)
  const env = {
    ...process.env,
    K1N_ADMIN_KEY: key,
    K1N_SECRETS_KEY: secretsKey(K1N_DATA_DIR, process.env['K1N_SECRETS_KEY']),
  }
  console.log(JSON.stringify({ level: 'info', msg: `the admin key is in ${adminKeyFile(K1N_DATA_DIR)}` }))
  if (process.execve === undefined)
    throw new Error('this Node cannot replace a process; k1n in a container needs Linux')
  process.execve(process.execPath, [process.execPath, ...nodeFlags, script], env)
}

try {
  become(process.argv[2] ?? 'api/dist/main.js')
} catch (error) {
  console.error(error instanceof SettingsError ? error.message : error)
  process.exit(1)
}
