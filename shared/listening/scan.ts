// Cuts a listening history into chunks on record boundaries, reading the file once in constant memory.
import { open } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { detect, sniffBytes } from './detect.ts'
import type { Detected } from './detect.ts'
import { chunker } from './chunker.ts'
import type { Chunk } from './chunker.ts'
import { splitter } from './splitter.ts'
import type { Format } from './splitter.ts'

export type ScanOptions = {
  /** Aborting rejects the scan with the signal's reason before the next block is read. */
  signal?: AbortSignal
  /** Called in file order; the scan reads on when it has resolved. */
  onChunk?: (chunk: Chunk, format: Format) => Promise<void> | void
  /** Called after each block with the bytes read so far and the file's size. */
  onProgress?: (bytes: number, bytesTotal: number) => void
  /** Most records of a chunk; 4,000. */
  recordsMax?: number
  /** Most bytes of a chunk; 1 MiB. */
  bytesMax?: number
}

export type Scan = {
  format: Format
  bytes: number
  records: number
  chunks: number
  /** The array is never closed, with or without a record cut in two. Lines have no such end: a last line cut in two
   *  is found out when its chunk is read. */
  truncated: boolean
}

const blockBytes = 256 * 1024

/** Scans the whole file. The same bytes and limits always give the same chunks, so a scan may be repeated.
 *  Throws `NotAHistory` when the file holds no history, and the file system's error when it cannot be read. */
export const scan = async (file: string, options: ScanOptions = {}): Promise<Scan> => {
  const handle = await open(file)
  try {
    const { size } = await handle.stat()
    return await scanHandle(handle, size, options)
  } finally {
    await handle.close()
  }
}

const scanHandle = async (handle: FileHandle, size: number, options: ScanOptions): Promise<Scan> => {
  const detected = detect(await head(handle))
  const chunks = chunker(options)
  const records = splitter(detected.format, { offset: detected.offset, line: 1, open: false }, chunks)
  const emit = () => emitAll(chunks.take(), detected.format, options)
  for await (const block of blocks(handle, detected, options.signal)) {
    records.push(block.bytes)
    await emit()
    options.onProgress?.(block.end, size)
  }
  const ending = records.finish()
  chunks.finish(ending.cut && (ending.open || detected.format === 'ndjson'))
  await emit()
  return { format: detected.format, bytes: size, ...chunks.totals(), truncated: ending.open }
}

const head = async (handle: FileHandle): Promise<Uint8Array> => {
  const buffer = Buffer.alloc(sniffBytes)
  const { bytesRead } = await handle.read(buffer, 0, sniffBytes, 0)
  return buffer.subarray(0, bytesRead)
}

/** Every block is the same buffer: it holds until the next one is asked for. */
async function* blocks(handle: FileHandle, { offset }: Detected, signal: AbortSignal | undefined) {
  const buffer = Buffer.allocUnsafe(blockBytes)
  for (let end = offset; ;) {
    signal?.throwIfAborted()
    const { bytesRead } = await handle.read(buffer, 0, blockBytes, end)
    if (bytesRead === 0) return
    end += bytesRead
    yield { bytes: buffer.subarray(0, bytesRead), end }
  }
}

const emitAll = async (chunks: Chunk[], format: Format, { signal, onChunk }: ScanOptions) => {
  for (const chunk of chunks) {
    signal?.throwIfAborted()
    await onChunk?.(chunk, format)
  }
}
