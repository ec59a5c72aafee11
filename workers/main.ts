// The workers' door: a supervisor with `K1N_WORKERS` worker processes and the recorder.
import { existsSync } from 'node:fs'
import { readSettings, SettingsError } from '../shared/kernel/config.ts'
import type { Settings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import { exitWithParent } from '../shared/kernel/parent.ts'
import { workerFlags } from './flags.ts'
import { tellParent } from './ipc.ts'
import { createSupervisor } from './supervisor.ts'

const recorder = new URL('./recorder-main.ts', import.meta.url)

const settingsOrExit = (): Settings => {
  try {
    return readSettings(process.env)
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
}

const settings = settingsOrExit()
const kernel = createKernel({ settings, role: 'worker' })
const supervisor = createSupervisor(kernel, {
  workers: settings.K1N_WORKERS,
  worker: new URL('./child.ts', import.meta.url),
  ...(existsSync(recorder) ? { recorder } : {}),
  // What this process was started with goes for its children too.
  execArgv: [...process.execArgv, ...workerFlags(settings.K1N_WORKERS + 1)],
})

const stop = async (): Promise<void> => {
  await supervisor.stop()
  await kernel.close()
}
const leave = (): void => {
  void stop().then(
    () => process.exit(0),
    () => process.exit(1),
  )
}
process.once('SIGTERM', leave)
process.once('SIGINT', leave)
exitWithParent(stop)

await supervisor.start()
kernel.log.info('workers take jobs', { workers: supervisor.workers() })
tellParent({ type: 'ready' })
