// When a delivery is tried again unless a webhook says otherwise: plain numbers, for the API and the form alike.

/** Waits between attempts, each ±20 %: the example of Standard Webhooks, some 75 hours. */
export const USUAL_DELAYS_MS = [
  5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 50_400_000, 72_000_000, 86_400_000,
]
