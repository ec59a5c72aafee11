// Imports: an upload is written to disk as it arrives, and only a file that is whole and safe on disk becomes a job.
import { createWriteStream } from 'node:fs'
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Principal } from '../auth/contract.ts'
import type { Job, JobInput } from '../jobs/contract.ts'
import { makeId } from '../kernel/ids.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isProblem } from '../kernel/problem.ts'
import { BodyTooLarge, InvalidRequest } from '../kernel/problems.ts'
import { imports as rows } from './contract.ts'

/** What an upload needs of the jobs room. */
export interface Enqueues {
  enqueue(principal: Principal, input: JobInput): Promise<{ job: Job }>
}

export interface Imports {
  /** Streams an upload to `{K1N_DATA_DIR}/uploads` and enqueues `listening.import` for it. An upload that breaks off or
   *  is too large leaves nothing behind and becomes no job; what a killed process left goes with a later upload. */
  create(principal: Principal, stream: Readable, name: string | undefined): Promise<Job>
}

/** Where uploads are kept. */
export const uploadsDir = (kernel: Kernel): string => join(kernel.settings.K1N_DATA_DIR, 'uploads')

const LIMIT = rows.create.bodyLimit

const capped = (limit: number): Transform => {
  let size = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length
      if (size > limit) done(BodyTooLarge(`An import may be ${limit} bytes long.`, { members: { limit } }))
      else done(null, chunk)
    },
  })
}

/** A name becomes visible after its content is on disk: a crash between the two leaves a `.part` and no import. */
const settle = async (part: string, file: string, dir: string): Promise<void> => {
  const handle = await open(part, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(part, file)
  const directory = await open(dir, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** An upload that still arrives is written to all the time, and may not take longer than a quarter of an hour. */
const STALE_MS = 3_600_000

/** Removes what processes that were killed left of uploads; a file that goes away meanwhile is fine. */
const sweep = async (dir: string): Promise<void> => {
  const parts = (await readdir(dir)).filter((name) => name.endsWith('.part'))
  for (const name of parts) {
    const { mtimeMs } = await stat(join(dir, name))
    // The files' times are the machine's, whatever clock the room was given.
    if (Date.now() - mtimeMs > STALE_MS) await rm(join(dir, name), { force: true })
  }
}

const store = async (stream: Readable, dir: string, id: string): Promise<string> => {
  await mkdir(dir, { recursive: true })
  await sweep(dir).catch(() => undefined)
  const [part, file] = [join(dir, `${id}.part`), join(dir, id)]
  try {
    await pipeline(stream, capped(LIMIT), createWriteStream(part, { flags: 'wx', mode: 0o600 }))
    await settle(part, file, dir)
    return file
  } catch (error) {
    await rm(part, { force: true })
    const code = (error as NodeJS.ErrnoException).code
    if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
      throw InvalidRequest('The upload ended before it was complete.', { cause: error })
    throw error
  }
}

export const createImports = (kernel: Kernel, { jobs }: { jobs: Enqueues }): Imports => ({
  async create(principal, stream, name) {
    const id = makeId('up', kernel.clock.now())
    const file = await store(stream, uploadsDir(kernel), id)
    try {
      const data = { upload: id, ...(name === undefined ? {} : { name }) }
      const { job } = await jobs.enqueue(principal, { name: 'listening.import', data })
      return job
    } catch (error) {
      // When Redis did not say whether it took the job, the job may exist, and its file must stay.
      if (isProblem(error) && error.code !== 'outcome-unknown') await rm(file, { force: true })
      throw error
    }
  },
})
