// The exact bytes of a message, made once for each fact: they are signed and sent as they are here.
import { toIso } from '../kernel/clock.ts'
import type { LogEntry } from '../stream/log.ts'

/** `data` stays as it is in the log, byte for byte, which is also how listeners to the stream get it. */
export const bodyOf = (
  { id, name, at, data }: Pick<LogEntry, 'id' | 'name' | 'at' | 'data'>,
  apiVersion: number,
): string =>
  `{"type":${JSON.stringify(name)},"timestamp":"${toIso(at)}","data":${data},"id":${JSON.stringify(id)},"api_version":${apiVersion}}`
