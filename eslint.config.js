// Lint of components, whose templates only the rules of Svelte can read. TypeScript and scripts: .oxlintrc.json.
import tseslint from 'typescript-eslint'
import svelte from 'eslint-plugin-svelte'
import { defineConfig } from 'eslint/config'

/** Each component makes the compiler begin anew with all types, a second for each: rules that ask it are left to the long run. */
const asksTypes = process.env['K1N_TEST_LONG'] !== undefined
const files = ['**/*.svelte', '**/*.svelte.ts']

export default defineConfig(
  { ignores: ['node_modules', 'coverage', 'dashboard/dist'] },
  {
    files,
    extends: [asksTypes ? tseslint.configs.strictTypeChecked : tseslint.configs.strict, svelte.configs.recommended],
  },
  {
    files,
    languageOptions: {
      parserOptions: { parser: tseslint.parser, projectService: asksTypes, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      // The exceptions of .oxlintrc.json, for the same reasons.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      ...(asksTypes && {
        '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
        '@typescript-eslint/no-confusing-void-expression': [
          'error',
          { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
        ],
        '@typescript-eslint/no-unnecessary-condition': 'off',
        '@typescript-eslint/dot-notation': 'off',
        '@typescript-eslint/require-await': 'off',
      }),
      'svelte/no-at-html-tags': 'error',
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
)
