// How often a thing may go through k1n: what leads to itself ends after so many times, by whatever way it comes back.

/** The most times that something went through k1n before, and may once more. */
export const HOPS_MAX = 5
