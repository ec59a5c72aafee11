// Where listening histories are read from and stored: one database, opened when first needed, and two directories.
import { realpath, stat } from 'node:fs/promises'
import { mkdirSync } from 'node:fs'
import { dirname, isAbsolute, resolve, sep } from 'node:path'
import { permanent } from '../../shared/catalog/handler.ts'
import { openListening } from '../../shared/listening/listening.ts'
import type { ListeningStore } from '../../shared/listening/listening.ts'

export interface LibraryOptions {
  database: string
  /** Where files may be read from by name. */
  imports: string
  /** Where uploads lie under their ids. */
  uploads: string
}

/** Which file an import reads: exactly one of the two. */
export interface Source {
  file?: string | undefined
  upload?: string | undefined
}

export interface Library {
  store(): ListeningStore
  /** The path of a source, symbolic links resolved. Throws `FileUnusable` for one that lies outside its
   *  directory, is not there or is no plain file; no retry can mend that. */
  pathOf: (source: Source) => Promise<string>
  close(): void
}

/** The name leads elsewhere, or nowhere. */
export class FileUnusable extends Error {
  override readonly name = 'FileUnusable'
  readonly code = 'file_unusable'
}

export const createLibrary = ({ database, imports, uploads }: LibraryOptions): Library => {
  let store: ListeningStore | undefined
  return {
    store() {
      if (store) return store
      mkdirSync(dirname(database), { recursive: true })
      return (store = openListening(database))
    },
    pathOf: (source) =>
      source.upload === undefined ? within(imports, source.file ?? '') : within(uploads, source.upload),
    close() {
      store?.close()
      store = undefined
    },
  }
}

/** Judged twice: the name as it is written, and the file it leads to over symbolic links. */
const within = async (directory: string, name: string): Promise<string> => {
  const path = resolve(directory, name)
  if (isAbsolute(name) || !isInside(directory, path))
    throw unusable(name, 'lies outside the directory that may be read')
  const real = await realpath(path).catch(() => {
    throw unusable(name, 'is not there')
  })
  if (!isInside(await realpath(directory), real)) throw unusable(name, 'leads outside the directory that may be read')
  // Opening a pipe would wait for its writer, for ever and with one of Node's few threads.
  if (!(await stat(real)).isFile()) throw unusable(name, 'is no plain file')
  return real
}

const isInside = (directory: string, path: string): boolean =>
  path.startsWith(directory.endsWith(sep) ? directory : directory + sep)

const unusable = (name: string, why: string): Error =>
  permanent(new FileUnusable(`the file ${JSON.stringify(name.slice(0, 200))} ${why}`))
