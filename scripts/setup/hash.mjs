// Remembers what a step was last done for: a hash of its inputs, kept in a file beside its result.
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'

/**
 * One hash over the names and contents of files. The order does not matter.
 * @param {string} root names are hashed relative to it, so that a moved checkout keeps its hash
 * @param {string[]} files absolute paths
 */
export const hashOf = (root, files) => {
  const hash = createHash('sha256')
  for (const file of [...files].sort())
    hash
      .update(`${relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0')
  return hash.digest('hex')
}

/**
 * All files below a folder whose path relative to it is wanted; none when it does not exist.
 * @param {string} dir
 * @param {(path: string) => boolean} wanted gets the path with `/` between its parts
 * @returns {string[]} absolute paths
 */
export const filesBelow = (dir, wanted) =>
  entries(dir)
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => wanted(relative(dir, file).split(sep).join('/')))

const entries = (/** @type {string} */ dir) => {
  try {
    return readdirSync(dir, { recursive: true, withFileTypes: true })
  } catch {
    return []
  }
}

/**
 * What the file remembers, or nothing.
 * @param {string} file
 */
export const recall = (file) => {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    return undefined
  }
}

/**
 * @param {string} file
 * @param {string} hash
 */
export const remember = (file, hash) => {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${hash}\n`)
}
