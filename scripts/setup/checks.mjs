// The checks that read the code without running it: types and lint, format, and the dashboard's components.
import { join } from 'node:path'

/**
 * Each with the file of its program and its arguments; all run on a Node ≥ 24 in the checkout.
 * @type {{ name: string, program: string, args: string[] }[]}
 */
export const checks = [
  { name: 'code', program: join('scripts', 'setup', 'code.mjs'), args: [] },
  {
    name: 'format',
    program: join('node_modules', 'prettier', 'bin', 'prettier.cjs'),
    args: [
      '--check',
      '--cache',
      '--cache-location',
      'node_modules/.cache/prettier/.prettier-cache',
      '--log-level',
      'warn',
      '.',
    ],
  },
  {
    name: 'svelte',
    program: join('node_modules', 'svelte-check', 'bin', 'svelte-check'),
    args: ['--workspace', 'dashboard', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
]

/** The command line of a check, to run with Node. */
export const checkArguments = (/** @type {(typeof checks)[number]} */ { program, args }) => [
  // Much is read and soon forgotten: with room for what is young, garbage costs a tenth less.
  '--max-semi-space-size=64',
  program,
  ...args,
]
