// The workers' door: a supervisor with `K1N_WORKERS` worker processes and the recorder.
import { existsSync } from 'node:fs'
import { totalmem } from 'node:os'
import { readSettings, SettingsError } from '../shared/kernel/config.ts'
import type { Settings } from '../shared/kernel/config.ts'
import { createKernel } from '../shared/kernel/kernel.ts'
import { exitWithParent } from '../shared/kernel/parent.ts'
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

/** MiB of heap for each process: all together three quarters of what there is, none more than 1 GiB. A process that needs
 *  more ends with `out of memory` and is replaced, instead of taking the machine with it. */
const heapMb = (processes: number): number => {
  const bytes = Math.min(totalmem(), process.constrainedMemory() || Infinity)
  return Math.max(192, Math.min(1_024, Math.floor((bytes * 0.75) / processes / 2 ** 20)))
}

/** MiB of each half of the space for young objects. Node lets it grow to 16 and more: importing a large file then took 90 MB
 *  more memory and no less time. */
const YOUNG_MB = 8

const settings = settingsOrExit()
const kernel = createKernel({ settings, role: 'worker' })
const supervisor = createSupervisor(kernel, {
  workers: settings.K1N_WORKERS,
  worker: new URL('./child.ts', import.meta.url),
  ...(existsSync(recorder) ? { recorder } : {}),
  execArgv: [
    ...process.execArgv,
    `--max-old-space-size=${heapMb(settings.K1N_WORKERS + 1)}`,
    `--max-semi-space-size=${YOUNG_MB}`,
  ],
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
