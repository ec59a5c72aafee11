// What set-up tells a person: one line for each step, and one readable message when a step cannot be done.

/** A set-up step that cannot be done. Its message is for people and is printed without a stack. */
export class SetupError extends Error {}

const label = (/** @type {string} */ name) => `  ${name.padEnd(10)} `
const seconds = (/** @type {number} */ since) => `${((Date.now() - since) / 1000).toFixed(1)} s`

/**
 * Prints one line about a step.
 * @param {string} name the step
 * @param {string} text what is so
 */
export const say = (name, text) => {
  process.stdout.write(`${label(name)}${text}\n`)
}

/**
 * Prints what is being done, does it, and ends the line with how long it took.
 * @template T
 * @param {string} name the step
 * @param {string} doing what is being done, without a full stop
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export const saying = async (name, doing, work) => {
  const since = Date.now()
  process.stdout.write(`${label(name)}${doing} … `)
  try {
    const result = await work()
    process.stdout.write(`done (${seconds(since)})\n`)
    return result
  } catch (error) {
    process.stdout.write(`failed (${seconds(since)})\n`)
    throw error
  }
}

/**
 * Runs a launcher's body; a `SetupError` ends the process with its message alone.
 * @param {() => Promise<void>} body
 */
export const orExplain = (body) =>
  body().catch((error) => {
    if (!(error instanceof SetupError)) throw error
    process.stderr.write(`\n${error.message}\n`)
    process.exit(1)
  })
