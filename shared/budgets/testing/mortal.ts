// Test support: a process whose heart can be stopped. It renews nothing and gives nothing back from then on.
import type { Kernel } from '../../kernel/kernel.ts'

export interface Mortal {
  readonly kernel: Kernel
  readonly die: () => void
}

/** Whatever sleeps by this kernel's clock never wakes after `die`. */
export const mortal = (kernel: Kernel): Mortal => {
  const heart = new AbortController()
  const never = new Promise<void>(() => undefined)
  const sleep = async (ms: number, signal?: AbortSignal): Promise<void> => {
    await kernel.clock.sleep(ms, AbortSignal.any([heart.signal, ...(signal ? [signal] : [])]))
    if (heart.signal.aborted) await never
  }
  return {
    kernel: { ...kernel, clock: { now: () => kernel.clock.now(), sleep } },
    die: () => heart.abort(),
  }
}
