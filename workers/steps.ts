// Notices at once that the clock of this machine was set, between two looks at that of Redis.

export interface Steps {
  /** Whether the clock and one that nobody sets have parted by more than they may since they were last right. Stays so until
   *  `settle`. It costs as much as asking for the time twice. */
  hasStepped(): boolean
  /** The clock is right now. */
  settle(): void
  /** Fires when a step is noticed; another one after `settle`. */
  readonly alarm: AbortSignal
}

/** `now` in epoch ms, `steady` in ms from any beginning. */
export const createSteps = (maxMs: number, now = () => Date.now(), steady = () => performance.now()): Steps => {
  let alarm = new AbortController()
  let right = now() - steady()
  return {
    hasStepped() {
      if (!alarm.signal.aborted && Math.abs(now() - steady() - right) > maxMs) alarm.abort()
      return alarm.signal.aborted
    },
    settle() {
      right = now() - steady()
      if (alarm.signal.aborted) alarm = new AbortController()
    },
    get alarm() {
      return alarm.signal
    },
  }
}
