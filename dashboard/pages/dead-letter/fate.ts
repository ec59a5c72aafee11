// What became of a dead letter while its page is open, at whose hand: other people empty the same list.

export interface Fate {
  is: 'resubmitted' | 'discarded'
  by: string
}

/** How it stands after an event; one of another dead letter changes nothing. */
export const fateAfter = (
  fate: Fate | undefined,
  id: string,
  { event, data }: { event: string; data: Record<string, unknown> },
): Fate | undefined => {
  if (data['dlq_id'] !== id) return fate
  const by = typeof data['actor'] === 'string' ? data['actor'] : 'Somebody'
  if (event === 'dlq:entry-resubmitted') return { is: 'resubmitted', by }
  if (event === 'dlq:entry-discarded') return { is: 'discarded', by }
  return event === 'dlq:entry-restored' ? undefined : fate
}

/** Why nothing more can be done with it, with who did that. */
export const fateWords = ({ is, by }: Fate): string =>
  is === 'resubmitted' ? `${by} resubmitted it` : `${by} discarded it`
