// How often what is sent went through k1n before: what receivers pass on, so that circles end.
import type { Bull } from '../bullmq/bullmq.ts'
import { originsOf } from '../stream/origins.ts'
import type { Parcel } from './parcel.ts'

/** The same parcels; facts about jobs that an event set off say how often that went through k1n. */
export const withHops = async (bull: Bull, parcels: readonly Parcel[]): Promise<readonly Parcel[]> => {
  const originOf = await originsOf(bull, parcels.map(({ fact }) => fact)) // prettier-ignore
  return parcels.map((parcel) => {
    const { hop } = originOf(parcel.fact)
    return hop === 0 ? parcel : { ...parcel, hop }
  })
}
