// The mark of a job of which somebody forced a retry: a field of its hash, written before it goes back in line.

export const FORCED = 'k1nForced'
