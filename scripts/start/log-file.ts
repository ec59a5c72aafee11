// A log file that keeps the newest 10 to 20 MB: at 10 MB it moves aside, replacing the one moved before.
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

export interface LogFile {
  write(text: string): void
}

/** Opens the file for appending, making its folder. Writes are done when `write` returns. */
export const openLogFile = (path: string, bytesMax = 10_000_000): LogFile => {
  mkdirSync(dirname(path), { recursive: true })
  let { fd, bytes } = append(path)
  return {
    write(text) {
      if (bytes > 0 && bytes + Buffer.byteLength(text) > bytesMax) {
        closeSync(fd)
        renameSync(path, `${path}.1`)
        ;({ fd, bytes } = append(path))
      }
      bytes += writeSync(fd, text)
    },
  }
}

const append = (path: string): { fd: number; bytes: number } => {
  const fd = openSync(path, 'a', 0o600)
  return { fd, bytes: fstatSync(fd).size }
}
