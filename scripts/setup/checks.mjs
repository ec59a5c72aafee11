// The checks that read the code without running it: types and lint, the dashboard's components, and format.
import { join } from 'node:path'

/**
 * Each with the file of its program and its arguments; all run on a Node ≥ 24 in the checkout.
 * @type {{ name: string, program: string, args: string[] }[]}
 */
export const checks = [
  // The compiler's objections are among those of the rules: it reads everything once for both.
  { name: 'types+lint', program: join('node_modules', 'oxlint', 'bin', 'oxlint'), args: [] },
  {
    name: 'components',
    program: join('node_modules', 'eslint', 'bin', 'eslint.js'),
    args: ['dashboard', '--max-warnings', '0'],
  },
  {
    name: 'svelte',
    program: join('node_modules', 'svelte-check', 'bin', 'svelte-check'),
    args: ['--workspace', 'dashboard', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
  { name: 'format', program: join('node_modules', 'oxfmt', 'bin', 'oxfmt'), args: ['--check', '.'] },
]

/** The command line of a check, to run with Node. */
export const checkArguments = (/** @type {(typeof checks)[number]} */ { program, args }) => [
  // Much is read and soon forgotten: with room for what is young, garbage costs a tenth less.
  '--max-semi-space-size=64',
  program,
  ...args,
]
