// Adding to source text in the places where this code base keeps such things. The formatter does the rest.
import { Refusal } from './plan.ts'

/** Adds an import statement after the last one. */
export const addImport = (text: string, statement: string): string => {
  const imports = [...text.matchAll(/^import [^;]*? from '[^']+'$/gm)]
  const last = imports.at(-1)
  if (last === undefined) throw new Refusal('there is no import to add another one after')
  const end = last.index + last[0].length
  return `${text.slice(0, end)}\n${statement}${text.slice(end)}`
}

/** Makes sure that a name is imported from a module, beside what is imported from it already. */
export const ensureImport = (text: string, name: string, from: string): string => {
  const found = new RegExp(`^import \\{([^}]*)\\} from '${from.replaceAll('.', '\\.')}'$`, 'm').exec(text)
  if (found === null) return addImport(text, `import { ${name} } from '${from}'`)
  const names = (found[1] ?? '').split(',').map((each) => each.trim())
  if (names.includes(name)) return text
  const all = [...names.filter((each) => each !== ''), name].join(', ')
  return text.replace(found[0], `import { ${all} } from '${from}'`)
}

/** As `ensureImport`, for a type. */
export const ensureType = (text: string, name: string, from: string): string =>
  text.includes(`import type { ${name} } from '${from}'`) ||
  new RegExp(`\\b(type|import type \\{[^}]*) ${name}\\b`).test(text)
    ? text
    : addImport(text, `import type { ${name} } from '${from}'`)

/** Adds a line at the end of the block that `opening` begins: before the first line that closes it at the indentation of
 *  the line it stands on. `opening` ends with the bracket; `file` is for the refusal. */
export const addToBlock = (text: string, opening: string | RegExp, line: string, file: string): string => {
  const found = typeof opening === 'string' ? text.indexOf(opening) : text.search(opening)
  const said = typeof opening === 'string' ? opening : (opening.exec(text)?.[0] ?? opening.source)
  if (found < 0)
    throw new Refusal(`${file} has no \`${said.trim()}\` to add to; add it by hand, as the guide in docs/guides says`)
  const begin = found + (said.startsWith('\n') ? 1 : 0)
  const indentation = /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', begin - 1) + 1))?.[0] ?? ''
  const after = found + said.length
  const closing = text.slice(after).search(new RegExp(`\\n${indentation}\\${closerOf(said)}`))
  if (closing < 0) throw new Refusal(`the end of \`${said}\` in ${file} is not where it is expected`)
  const end = after + closing
  return `${text.slice(0, end)}\n${line}${text.slice(end)}`
}

const closerOf = (opening: string): string => ({ '{': '}', '(': ')', '[': ']' })[opening.at(-1) ?? ''] ?? '}'

/** Adds text before the first place where `mark` stands. */
export const addBefore = (text: string, mark: string, added: string, file: string): string => {
  const at = text.indexOf(mark)
  if (at < 0) throw new Refusal(`${file} has no \`${mark}\`; add it by hand, as the guide in docs/guides says`)
  return `${text.slice(0, at)}${added}\n\n${text.slice(at)}`
}
