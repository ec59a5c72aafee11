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

/** How many of the first `length` codes are each of the `kinds` there are. */
export const sizesOf = (codes: Uint32Array, length: number, kinds: number): Uint32Array => {
  const sizes = new Uint32Array(kinds)
  for (let at = 0; at < length; at++) {
    const code = codes[at] as number
    sizes[code] = (sizes[code] as number) + 1
  }
  return sizes
}
