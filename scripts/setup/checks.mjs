// The checks that read the code without running it: types, lint, format, and the dashboard's components.
import { join } from 'node:path'

/**
 * Each with the file of its program and its arguments; all run on a Node ≥ 24 in the checkout.
 * @type {{ name: string, program: string, args: string[] }[]}
 */
export const checks = [
  { name: 'types', program: join('typescript', 'bin', 'tsc'), args: ['--noEmit'] },
  { name: 'lint', program: join('eslint', 'bin', 'eslint.js'), args: ['.', '--max-warnings', '0'] },
  {
    name: 'format',
    program: join('prettier', 'bin', 'prettier.cjs'),
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
    program: join('svelte-check', 'bin', 'svelte-check'),
    args: ['--workspace', 'dashboard', '--tsconfig', './tsconfig.json', '--fail-on-warnings', '--output', 'human'],
  },
]

/** The command line of a check, to run with Node. */
export const checkArguments = (/** @type {(typeof checks)[number]} */ { program, args }) => [
  join('node_modules', program),
  ...args,
]
