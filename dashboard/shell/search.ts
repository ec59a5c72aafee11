// What the search box understands: an address or id opens the job, anything else is looked for among jobs.

export type Target = { page: 'job'; id: string } | { page: 'jobs'; q: string } | { page: 'deadLetter'; id: string }

/** Reads what somebody typed or pasted; undefined for nothing. */
export const targetOf = (typed: string): Target | undefined => {
  const text = typed.trim()
  if (text === '') return undefined
  if (/^\S+:\S+~[\da-z]+$/.test(text)) return { page: 'deadLetter', id: text }
  if (/^(?:queue|name|state|error):/.test(text)) return { page: 'jobs', q: text }
  if (/^[^\s:]+:[^\s:]+$/.test(text) || /^(?:t|s)_\S+$/.test(text)) return { page: 'job', id: text }
  return { page: 'jobs', q: text }
}
