// What the ids of jobs that events set off tell: `s_<schedule>_e<hops>-…`, or `d` for one of events that were gathered.

/** The key of a run that an event sets off; it follows from the event. */
export const eventRunKey = (kind: 'e' | 'd', hop: number, hash: string): string => `${kind}${hop}-${hash}`

/** Whose schedule's job an event set off, and how often what led to it has gone through k1n; undefined for other jobs. */
export const setOffOf = (jobId: string): { readonly scheduleId: string; readonly hop: number } | undefined => {
  const [, scheduleId, hop = ''] = /^s_([a-z0-9.-]{1,64})_[ed](\d?)-/.exec(jobId) ?? []
  // Jobs that were made before ids told it are of the first round.
  return scheduleId === undefined ? undefined : { scheduleId, hop: hop === '' ? 1 : Number(hop) }
}
