// How often a thing may go through k1n: what leads to itself, by way of somebody else's service, ends here.
import { HOPS_MAX } from '../kernel/hops.ts'
import { TooManyHops } from './contract.ts'

/** Problem: `too-many-hops`. */
export const refuseCircles = (hop: number): void => {
  if (hop <= HOPS_MAX) return
  throw TooManyHops(`This went through k1n ${hop} times already, and ${HOPS_MAX} are the most: it goes in a circle.`)
}
