// Searching lists that are in order, and keeping short ones that are not.

/** Whether slots are in the order of their starts. */
export const isSorted = (slots: Uint32Array, start: Float64Array): boolean => {
  for (let at = 1; at < slots.length; at++)
    if ((start[slots[at - 1] as number] as number) > (start[slots[at] as number] as number)) return false
  return true
}

/** The first of `count` places whose value is `least` or more. */
export const lowerBound = (values: Float64Array, count: number, least: number): number => {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((values[middle] as number) < least) low = middle + 1
    else high = middle
  }
  return low
}

/** Takes a value out; the order of the others may change. */
export const drop = (list: number[], value: number): void => {
  const at = list.indexOf(value)
  if (at < 0) return
  list[at] = list[list.length - 1] as number
  list.pop()
}

/** How many slots have each code. */
export const sizesOf = (codes: Uint32Array, length: number): Uint32Array => {
  let most = 0
  for (let slot = 0; slot < length; slot++) most = Math.max(most, codes[slot] as number)
  const sizes = new Uint32Array(most + 1)
  for (let slot = 0; slot < length; slot++) {
    const code = codes[slot] as number
    sizes[code] = (sizes[code] as number) + 1
  }
  return sizes
}
