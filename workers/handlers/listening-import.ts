// Performs listening.import: scans the file, makes a job of every chunk that is not stored yet, and sums up when all ended.
import type { listeningImport as kind } from '../../shared/catalog/listening-import.ts'
import { done, fanOut, permanent } from '../../shared/catalog/handler.ts'
import type { Child, Children, Handler, HandlerContext } from '../../shared/catalog/handler.ts'
import type { PayloadOf } from '../../shared/catalog/kind.ts'
import { NotAHistory, scan } from '../../shared/listening/listening.ts'
import type { Chunk, Format, Scan } from '../../shared/listening/listening.ts'
import { formatAddress } from '../../shared/kernel/ids.ts'
import type { Library, Source } from './library.ts'

/** Chunks ended as dead letters. They had their own attempts, so the import makes none of its own; another life for the
 *  import is another one for them. */
export class ChunksFailed extends Error {
  override readonly name = 'ChunksFailed'
  readonly code = 'chunks_failed'
}

type Context = HandlerContext<PayloadOf<typeof kind>>

export const listeningImport =
  (library: Library): Handler<typeof kind> =>
  async (context) => {
    const children = await context.children()
    return children.resumed && children.pending === 0
      ? sumUp(library, context, children)
      : await split(library, context)
  }

const sumUp = async (library: Library, context: Context, { failed }: Children) => {
  const importId = formatAddress(context)
  const missing = library.store().missing(importId).length
  if (missing === 0) return conclude(library, context, importId)
  const reason = failed[0]?.reason ?? 'they are not in the store'
  throw permanent(new ChunksFailed(`${missing} chunks were not stored: ${reason}`))
}

/** Rejected records the job's log tells; all that are kept are in the store. */
const REJECTS_TOLD = 100

const conclude = async (library: Library, { log }: Context, importId: string) => {
  const store = library.store()
  const summary = store.summary(importId)
  const rejected = Object.values(summary.rejected).reduce((sum, count) => sum + count, 0)
  for (const { line, record, reason, detail } of store.rejects(importId, { limit: REJECTS_TOLD }))
    await log(`rejected: line ${line}, record ${record}: ${reason}: ${detail}`)
  if (rejected > REJECTS_TOLD) await log(`${rejected - REJECTS_TOLD} more records were rejected`)
  return done(summary)
}

const split = async (library: Library, context: Context) => {
  const importId = formatAddress(context)
  const { payload, log, progress } = context
  const source: Source = payload.upload === undefined ? { file: payload.file } : { upload: payload.upload }
  const file = await library.pathOf(source)
  const store = library.store()
  store.begin({ importId, file })
  const { found, chunks } = await scanAll(file, context.signal)
  store.scanned(importId, found)
  const missing = new Set(store.missing(importId))
  await log(`${found.records} records in ${found.chunks} chunks, ${missing.size} of them to store`)
  await progress(importProgress(found.chunks, missing.size))
  if (missing.size === 0) return conclude(library, context, importId)
  const children = chunks.filter(({ index }) => missing.has(index))
  return fanOut(children.map((chunk) => childOf(chunk, importId, source, found.chunks)))
}

type Found = Chunk & { format: Format }

const scanAll = async (file: string, signal: AbortSignal): Promise<{ found: Scan; chunks: Found[] }> => {
  const chunks: Found[] = []
  const onChunk = (chunk: Chunk, format: Format) => void chunks.push({ ...chunk, format })
  const found = await scan(file, { signal, onChunk }).catch((error: unknown) => {
    throw error instanceof NotAHistory ? permanent(error) : error
  })
  return { found, chunks }
}

const childOf = (chunk: Found, importId: string, source: Source, total: number): Child => ({
  name: 'listening.chunk',
  key: chunk.index,
  payload: { ...chunk, import_id: importId, source, chunks_total: total },
})

/** What an import tells of itself while it runs: over all its chunks, those of earlier runs included. */
export const importProgress = (chunks: number, missing: number) => ({
  percent: chunks === 0 ? 100 : Math.floor(((chunks - missing) / chunks) * 100),
  chunks,
  chunks_stored: chunks - missing,
})
