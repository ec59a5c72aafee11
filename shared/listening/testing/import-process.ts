// Test support: a process that imports a file, and on request kills itself in the middle of a chunk's transaction.
//
//   node import-process.ts DATABASE FILE IMPORT_ID RECORDS_MAX [DIE_IN_CHUNK]
import { openListening } from '../listening.ts'
import type { ListeningStore } from '../listening.ts'
import { importFile } from './import-file.ts'

const [database = '', file = '', importId = '', recordsMax = '', dieInChunk = '-1'] = process.argv.slice(2)

/** Passes the first half of the items on, then kills the process without any chance to tidy up. */
function* halfThenDie<T>(items: Iterable<T>): Generator<T> {
  const all = [...items]
  yield* all.slice(0, all.length / 2)
  process.kill(process.pid, 'SIGKILL')
  yield* all.slice(all.length / 2)
}

const mortal = (store: ListeningStore): ListeningStore => ({
  ...store,
  save: (id, chunk, judged) => store.save(id, chunk, chunk.index === Number(dieInChunk) ? halfThenDie(judged) : judged),
})

const store = openListening(database)
const summary = await importFile(mortal(store), file, importId, { recordsMax: Number(recordsMax) })
// maxRSS is in KiB.
console.log(JSON.stringify({ summary, rssMaxBytes: process.resourceUsage().maxRSS * 1024, ms: performance.now() }))
store.close()
