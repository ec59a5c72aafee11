// What making a new thing comes to: files to write, lines to add to existing ones, and what is left for a person to do.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { format, type FormatConfig } from 'oxfmt'

/** A refusal to make something, in a sentence that says what to do instead. */
export class Refusal extends Error {}

export interface Plan {
  /** New files by path; none of them may exist. */
  readonly files: Readonly<Record<string, string>>
  /** Changes of existing files by path. */
  readonly edits: Readonly<Record<string, (text: string) => string>>
  /** What a person does next, one sentence each. */
  readonly next: readonly string[]
}

export type Maker = (root: string, args: readonly string[]) => Plan

/** The text of a file of the checkout. Throws a `Refusal` when it is not there. */
export const textOf = (root: string, path: string): string => {
  if (!existsSync(join(root, path))) throw new Refusal(`${path} is not there`)
  return readFileSync(join(root, path), 'utf8')
}

const formatted = async (root: string, path: string, text: string): Promise<string> => {
  const options = JSON.parse(textOf(root, '.oxfmtrc.json')) as FormatConfig
  const { code, errors } = await format(path, text, options)
  // What cannot be read is written as it is: the check of the format says where it is wrong.
  return errors.length > 0 ? text : code
}

/** Carries a plan out, all or nothing: when a file exists or a place to add to is not found, nothing is written. Answers
 *  the paths written, formatted. */
export const carryOut = async (root: string, { files, edits }: Plan): Promise<string[]> => {
  const existing = Object.keys(files).filter((path) => existsSync(join(root, path)))
  if (existing.length > 0)
    throw new Refusal(`${existing.join(' and ')} is there already; take another name, or change what is there`)
  const changed = Object.entries(edits).map(([path, edit]): [string, string] => [path, edit(textOf(root, path))])
  const texts = await Promise.all(
    [...Object.entries(files), ...changed].map(async ([path, text]): Promise<[string, string]> => {
      return [path, path.endsWith('.lua') ? text : await formatted(root, path, text)]
    }),
  )
  for (const [path, text] of texts) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return texts.map(([path]) => path)
}
