// Which paths into payloads jobs may be searched by: those that kinds declare, and those of `K1N_SEARCH_PATHS`.
import type { Catalog } from '../catalog/kind.ts'
import type { IsIndexed } from './where.ts'

export interface Indexed {
  /** All of them, whatever the name of the job. */
  readonly paths: ReadonlySet<string>
  /** Payloads of other names are not looked at. */
  readonly isIndexed: IsIndexed
}

export const createIndexed = (
  catalog: Catalog,
  set: readonly { readonly name: string; readonly path: string }[],
): Indexed => {
  const byName = new Map<string, Set<string>>()
  const add = (name: string, path: string): unknown => byName.set(name, (byName.get(name) ?? new Set()).add(path))
  for (const { name, indexed } of Object.values(catalog)) for (const path of indexed) add(name, path)
  for (const { name, path } of set) add(name, path)
  return {
    paths: new Set([...byName.values()].flatMap((paths) => [...paths])),
    isIndexed: (name, path) => byName.get(name)?.has(path) === true,
  }
}
