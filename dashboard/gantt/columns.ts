// Columns of numbers that grow.

export type Column = Float64Array | Float32Array | Uint32Array | Uint16Array | Uint8Array

/** The same numbers in an array of the same kind, with room for so many. */
export const grown = <T extends Column>(old: T, room: number): T => {
  const roomy = new (old.constructor as new (room: number) => T)(room)
  roomy.set(old)
  return roomy
}
