// Columns of numbers that grow.

export type Column = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array

/** The same numbers in a roomier array of the same kind. */
export const grown = <T extends Column>(old: ArrayLike<number>, roomy: T): T => {
  roomy.set(old)
  return roomy
}
