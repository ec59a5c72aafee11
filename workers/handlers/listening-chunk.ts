// Performs listening.chunk: judges and stores one chunk, and tells the import how far it is.
import type { listeningChunk as kind } from '../../shared/catalog/listening-chunk.ts'
import { done, permanent } from '../../shared/catalog/handler.ts'
import type { Handler } from '../../shared/catalog/handler.ts'
import { FileChanged, ImportMissing, importChunk } from '../../shared/listening/listening.ts'
import type { Library } from './library.ts'
import { importProgress } from './listening-import.ts'

export const listeningChunk =
  (library: Library): Handler<typeof kind> =>
  async ({ payload, signal, parentProgress }) => {
    const { source, chunks_total, ...chunk } = payload
    const file = await library.pathOf(source)
    const store = library.store()
    const counts = await importChunk(store, { ...chunk, file }, { signal }).catch((error: unknown) => {
      throw error instanceof FileChanged || error instanceof ImportMissing ? permanent(error) : error
    })
    await parentProgress(importProgress(chunks_total, store.missing(chunk.import_id).length))
    return done(counts)
  }
