// The text of our own source files, for tests that look for a step somebody forgot.
import { readFileSync, readdirSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

export const checkout = fileURLToPath(new URL('../..', import.meta.url))

const left = /(^|\/)(node_modules|dist|fixtures)\//

/** Paths below a folder, with `/`, in order. */
export const pathsIn = (folder: string): string[] =>
  readdirSync(join(checkout, folder), { recursive: true, encoding: 'utf8' })
    .map((path) => `${folder}/${path.replaceAll(sep, '/')}`)
    .filter((path) => !left.test(path))
    .sort()

export const textOf = (path: string): string => readFileSync(join(checkout, path), 'utf8')

const isTest = (path: string): boolean => /\.test\.ts$/.test(path) || path.startsWith('test/')

/** Code that runs in an installation: no tests, no test support. */
export const codeIn = (...folders: string[]): { path: string; text: string }[] =>
  folders
    .flatMap(pathsIn)
    .filter(
      (path) =>
        /\.(ts|mjs|svelte)$/.test(path) &&
        !isTest(path) &&
        (!path.includes('/testing/') || path.startsWith('shared/testing/')),
    )
    .map((path) => ({ path, text: textOf(path) }))

/** Tests and what they share. */
export const testsIn = (...folders: string[]): { path: string; text: string }[] =>
  folders
    .flatMap(pathsIn)
    .filter((path) => path.endsWith('.ts') && isTest(path))
    .map((path) => ({ path, text: textOf(path) }))
