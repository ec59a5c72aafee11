// The flags of Node that every process of k1n runs with, wherever it is started.

/** Collecting young garbage on one thread: the helpers Node starts for it spin on the cores that Redis and the other
 *  processes need, and cost a worker a tenth of its CPU. More processes are how k1n uses more cores. */
export const nodeFlags: readonly string[] = ['--disable-warning=ExperimentalWarning', '--no-parallel-scavenge']
