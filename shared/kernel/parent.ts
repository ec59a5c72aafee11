// The tie to the process that started us: when it dies without a word, we stop too instead of staying behind.

/** How long an orphan may take to stop in order; then it ends anyway. */
const orphanGraceMs = 5_000

/** Calls `stop` and ends the process when the parent is gone (its IPC channel closed), after 5 s at the latest. It does
 *  nothing in a process that was started without an IPC channel, and does not keep the process alive. */
export const exitWithParent = (stop: () => Promise<void>): void => {
  const leave = (): void => {
    setTimeout(() => process.exit(1), orphanGraceMs).unref()
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    )
  }
  if (process.send === undefined) return
  if (process.connected) process.once('disconnect', leave)
  else leave()
}
