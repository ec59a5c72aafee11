// Which version of the handlers a process runs, so that a failure can be told from those of an older one.
import { readFileSync } from 'node:fs'
import type { Settings } from '../kernel/config.ts'

let own: string | undefined

/** The version that was set, else that of the package. */
export const workerVersion = ({ K1N_WORKER_VERSION }: Settings): string => K1N_WORKER_VERSION ?? (own ??= readOwn())

const readOwn = (): string => {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}
