// The time of the machine, for ledgers, in processes whose clock a fault sets wrong.

/** Epoch ms; loaded before the clock is set, so that it stays right. */
export const machineTime: () => number = Date.now
