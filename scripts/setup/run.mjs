// Runs other programs: to the end with their output kept, and finds them on a PATH.
import { spawn } from 'node:child_process'
import { accessSync, constants, statSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { SetupError } from './say.mjs'

/**
 * @typedef {{ code: number | null, output: string }} Ended `code` is null when a signal ended it; `output` is both streams
 * @typedef {{ cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, signal?: AbortSignal }} RunOptions
 */

/**
 * Runs a program to its end. A program that cannot be started ends with code 127.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<Ended>}
 */
export const run = (command, args, { cwd, env = process.env, timeoutMs, signal } = {}) =>
  new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, timeout: timeoutMs, signal, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output += chunk.toString()
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', (error) => resolve({ code: 127, output: error.message }))
    child.once('close', (code) => resolve({ code, output }))
  })

/**
 * Runs a program that must succeed; what it printed becomes the message when it does not.
 * @param {string} command
 * @param {string[]} args
 * @param {RunOptions} [options]
 * @returns {Promise<string>} what it printed
 */
export const must = async (command, args, options) => {
  const { code, output } = await run(command, args, options)
  if (code === 0) return output
  throw new SetupError(`\`${[command, ...args].join(' ')}\` failed (${code ?? 'killed'}):\n\n${ends(output)}`)
}

/** The first and the last lines: some programs say first what is wrong, others last. */
const ends = (/** @type {string} */ output) => {
  const lines = output.trimEnd().split('\n')
  return (lines.length <= 45 ? lines : [...lines.slice(0, 15), '…', ...lines.slice(-29)]).join('\n')
}

/**
 * The first of these programs found on the PATH, as an absolute path.
 * @param {string[]} names in order of preference
 * @param {string | undefined} [path]
 * @returns {string | undefined}
 */
export const findOnPath = (names, path = process.env['PATH']) => allOnPath(names, path)[0]

/**
 * Every match on the PATH, in order of preference of the names, then of the PATH.
 * @param {string[]} names
 * @param {string | undefined} [path]
 */
export const allOnPath = (names, path = process.env['PATH']) =>
  names.flatMap((name) =>
    (path ?? '')
      .split(delimiter)
      .filter(Boolean)
      .map((dir) => join(dir, name))
      .filter(isProgram),
  )

const isProgram = (/** @type {string} */ file) => {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
