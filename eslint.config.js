// Lint rules: the strict type-checked set, with one honest sentence for each exception.
import tseslint from 'typescript-eslint'
import svelte from 'eslint-plugin-svelte'

export default tseslint.config(
  { ignores: ['node_modules', 'coverage', 'api/dist', 'dashboard/dist', '.k1n', 'test/client/generated*'] },
  ...tseslint.configs.strictTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.js'] }, extraFileExtensions: ['.svelte'] },
    },
    rules: {
      // Numbers in templates are what messages are made of.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // A verb that answers nothing may be the whole body of an arrow.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Unused names that start with `_` are placeholders required by a signature.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      // Conditions on data from Redis look unnecessary to the compiler and are not.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      // `handlers` and contracts are indexed by literal names on purpose.
      '@typescript-eslint/dot-notation': 'off',
      // Async signatures are part of an interface even where one implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: { 'svelte/no-at-html-tags': 'error', 'svelte/no-navigation-without-resolve': 'off' },
  },
  // Each component makes the compiler begin anew with all types, a second for each: rules that ask it are left to the long run.
  ...(process.env['K1N_TEST_LONG'] ? [] : [{ files: ['**/*.svelte'], ...tseslint.configs.disableTypeChecked }]),
  { files: ['**/*.mjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
)
