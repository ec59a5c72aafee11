// A guard ends a program that knows nothing of us when our process dies, however it dies.
import { spawn } from 'node:child_process'

/**
 * Runs the command when this process is gone, SIGKILL included: a shell waits for the end of a pipe that only we hold.
 * Call what is returned to dismiss the guard once there is nothing left to end.
 * @param {string[]} command such as `['kill', '-TERM', '4711']`
 * @param {{ afterSeconds?: number }} [options] time others get to say good-bye first
 * @returns {() => void}
 */
export const guard = (command, { afterSeconds = 0 } = {}) => {
  const script = 'while read -r _; do :; done; sleep "$1"; shift; exec "$@" >/dev/null 2>&1'
  const shell = spawn('sh', ['-c', script, 'k1n-guard', String(afterSeconds), ...command], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  })
  const held = /** @type {import('node:net').Socket} */ (shell.stdin)
  held.unref()
  shell.unref()
  shell.once('error', () => {})
  return () => {
    shell.kill('SIGKILL')
  }
}
