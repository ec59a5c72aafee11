// Places of deliveries in time: where each fact stands, and going on in a set that grows and shrinks meanwhile, by the place of
// the last one, not by how many there were.

/** Where a fact stands in time: ms, and in the decimals of that its place among those of one ms. */
export const placeOf = (eventId: string): number => {
  const [ms = '0', rest = '0'] = eventId.split('-')
  const [sequence = '0', index = '0'] = rest.split('.')
  return Number(ms) * 1_000 + Math.min(999, Number(sequence) * 25 + Number(index))
}

/** The time of a fact at a place, in ms. */
export const timeOf = (place: number): number => Math.floor(place / 1_000)

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
