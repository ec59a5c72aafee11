// Payloads of jobs, for endpoints that are sent them along with what happened to the jobs.
import type { Bull } from '../bullmq/bullmq.ts'
import { parseAddress } from '../kernel/ids.ts'
import type { Address } from '../kernel/ids.ts'
import type { Parcel } from './parcel.ts'

/** Characters of a payload that are sent along; a longer one is left to the API. */
export const PAYLOAD_MAX = 65_536

/** The same parcels; where an endpoint takes payloads, the body ends with `task_data`, the payload of the job the fact is about,
 *  as it is now. Without it when the job is gone, or its payload is no JSON or too long. */
export const withPayloads = async (bull: Bull, parcels: readonly Parcel[]): Promise<readonly Parcel[]> => {
  const addresses = new Map(parcels.flatMap(({ taskId }) => (taskId === undefined ? [] : addressed(taskId))))
  if (addresses.size === 0) return parcels
  const jobs = await bull.readRaw([...addresses.values()], ['name', 'timestamp', 'data'])
  const payloads = new Map([...addresses.keys()].map((id, index) => [id, jobs[index]?.data]))
  return parcels.map((parcel) => {
    const payload = parcel.taskId === undefined ? undefined : payloads.get(parcel.taskId)
    return payload !== undefined && isSendable(payload) ? { ...parcel, body: ending(parcel.body, payload) } : parcel
  })
}

const addressed = (id: string): [string, Address][] => {
  const address = parseAddress(id)
  return address === undefined ? [] : [[id, address]]
}

const ending = (body: string, payload: string): string => `${body.slice(0, -1)},"task_data":${payload}}`

const isSendable = (text: string): boolean => {
  if (text.length > PAYLOAD_MAX) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
