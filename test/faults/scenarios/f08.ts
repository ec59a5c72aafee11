// F08: a handler that blocks its process for ever, and one that never ends and heeds no signal.
import { fault } from '../fault.ts'
import type { Evidence } from '../support/evidence.ts'
import { inSeconds, largest } from '../support/figures.ts'
import { createStage } from '../support/stage.ts'
import type { Culprit } from './culprits.ts'
import { isPunished, plant, untilDead } from './culprits.ts'
import { steady, workFor } from './load.ts'
import { wronglyFailed } from './measure.ts'

/** How often one ran in a process that the other blocked: who is killed with its process has not ended by itself. */
const runsBeside = ({ executions }: Evidence, one: Culprit, other: Culprit | undefined): number => {
  const blocked = new Set(executions.filter(({ id }) => id === other?.id).map(({ pid }) => pid))
  return executions.filter(({ id, pid }) => id === one.id && blocked.has(pid)).length
}

export const f08 = fault({
  id: 'F08',
  title: 'a handler blocks its process for ever, another never ends',
  lane: 'long',
  // Shorter than the 20 s after which a silent process is killed, as what is left of a lock of 30 s that was renewed some
  // time before: the job is taken from a process that still blocks.
  setup: async (ground) =>
    Object.assign(await createStage(ground, { locks: { lockDuration: 16_000, stalledInterval: 1_000 } }), {
      spin: undefined as Culprit | undefined,
      hang: undefined as Culprit | undefined,
    }),
  async load(stage) {
    await stage.startLoad({ job: workFor(200, 500), perSecond: 10 })
    await steady(stage)
  },
  async inject(stage) {
    stage.hang = await plant(stage, 'fault.hang', 'hang')
    stage.spin = await plant(stage, 'fault.crash', 'spin', { how: 'spin' })
  },
  async heal(stage) {
    if (stage.hang && stage.spin) await untilDead(stage, [stage.hang, stage.spin], 80_000)
  },
  oracle: ({ spin, hang }, evidence) => [
    ...(spin ? isPunished(evidence, spin, 'poison', 2) : []),
    ...(hang ? isPunished(evidence, hang, 'timeout', 1 + runsBeside(evidence, hang, spin)) : []),
    ...wronglyFailed(evidence, [spin?.id ?? '', hang?.id ?? '']),
  ],
  figures({ spin }, evidence) {
    const blocked = evidence.executions
      .filter(({ id }) => id === spin?.id)
      .map(({ pid, startedAt }) => (evidence.deaths.find((death) => death.pid === pid)?.at ?? Infinity) - startedAt)
    return [
      { name: 'processes blocked', value: blocked.length, unit: '', least: 1, most: 2 },
      { name: 'longest until one was replaced', value: inSeconds(largest(blocked)), unit: 's', most: 22 },
    ]
  },
})
