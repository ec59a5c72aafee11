// Types and lint in one reading: rules that ask for types ask the program the compiler has just checked, not one of their own.
import { ESLint } from 'eslint'
import ts from 'typescript'

const host = {
  ...ts.sys,
  onUnRecoverableConfigFileDiagnostic: (/** @type {ts.Diagnostic} */ { messageText }) => {
    throw new Error(ts.flattenDiagnosticMessageText(messageText, '\n'))
  },
}

/** The program of a `tsconfig.json`, as the compiler makes it. */
const programOf = (/** @type {string} */ file) => {
  const config = ts.getParsedCommandLineOfConfigFile(file, {}, host)
  if (config === undefined) throw new Error(`${file} cannot be read`)
  const { fileNames: rootNames, options, errors: configFileParsingDiagnostics } = config
  return ts.createProgram({ rootNames, options, configFileParsingDiagnostics })
}

/** What is wrong with the types of a program, as `tsc --noEmit` says it. */
const typesOf = (/** @type {ts.Program} */ program) =>
  ts.formatDiagnostics(ts.getPreEmitDiagnostics(program), {
    getCanonicalFileName: (file) => file,
    getCurrentDirectory: () => ts.sys.getCurrentDirectory(),
    getNewLine: () => ts.sys.newLine,
  })

/** What the rules object to, warnings too, as `eslint .` says it. */
const lintOf = async (/** @type {ts.Program[]} */ programs) => {
  const parserOptions = { projectService: false, programs }
  const eslint = new ESLint({ overrideConfig: { files: ['**/*.ts'], languageOptions: { parserOptions } } })
  const results = await eslint.lintFiles('.')
  const isWrong = results.some(({ errorCount, warningCount }) => errorCount + warningCount > 0)
  return isWrong ? (await eslint.loadFormatter('stylish')).format(results) : ''
}

const program = programOf('tsconfig.json')
// The types of the dashboard are checked with its components, by svelte-check.
for (const said of [typesOf(program), await lintOf([program, programOf('dashboard/tsconfig.json')])]) {
  process.stdout.write(said)
  if (said !== '') process.exitCode = 1
}
