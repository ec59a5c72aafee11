// The flags of Node that every process of k1n runs with, wherever it is started.

export const nodeFlags: readonly string[] = [
  '--disable-warning=ExperimentalWarning',
  // Collecting young garbage on one thread: the helpers Node starts for it spin on the cores that Redis and the other
  // processes need, and cost a worker a tenth of its CPU. More processes are how k1n uses more cores.
  '--no-parallel-scavenge',
  // V8 puts objects of which many outlived a collection where old ones live. In a worker those are the parts of attempts,
  // which end soon: dead, they kept all that was young and belonged to them, and that cost another tenth.
  '--no-allocation-site-pretenuring',
  // When nothing made V8 collect all garbage for 100 s it does so by itself, and moved all that lives together to give
  // memory back: a process under load stood still for a third to half a second, and all that were started together did so in
  // one moment. Without moving it is a sixth of that, and a busy process keeps some 100 MB more.
  '--no-memory-reducer-favors-memory',
]
