// Going on in a set of deliveries that grows and shrinks meanwhile: by the place of the last one, not by how many there were.

/** Before which place it goes on, and how many of that place were seen. */
export interface Position {
  readonly place: number
  readonly skip: number
}

/** Where it goes on behind one more. */
export const behind = (at: Position | undefined, { place }: { place: number }): Position => ({
  place,
  skip: at?.place === place ? at.skip + 1 : 1,
})
