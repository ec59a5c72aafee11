// Runs operations: one process at a time, from where the last one stood, until it ends, pauses, or has had its turn.
import type { z } from 'zod'
import { isPermanent } from '../catalog/handler.ts'
import type { Kernel } from '../kernel/kernel.ts'
import { isProblem } from '../kernel/problem.ts'
import { applyAll } from './apply.ts'
import type { AnyOperationKind, AnySteppingKind, Work } from './kind.ts'
import { TRIES_MAX } from './record.ts'
import type { OperationRecord } from './record.ts'
import type { Run, Standing, Stop } from './running.ts'
import { selectAll } from './select.ts'
import { stepOn } from './steps.ts'
import { createOperationStore } from './store.ts'
import type { OperationStore } from './store.ts'
import { TenureLost, createTenure } from './tenure.ts'
import type { Tenure } from './tenure.ts'

/** `nothing`: another runs it, or there is nothing to run. `goes_on`: it had its turn and wants another. */
export type RunEnd = 'nothing' | 'ended' | 'goes_on'

export interface Runner {
  /** Runs an operation for as long as it may. Throws what its kind throws, and the operation is tried again later. */
  run(id: string, signal: AbortSignal): Promise<RunEnd>
}

/** After applying for so long an operation gives way to others that wait for a place. */
const TURN_MS = 120_000

export const createRunner = (kernel: Kernel, kinds: readonly AnyOperationKind[]): Runner => {
  const store = createOperationStore(kernel)
  return {
    async run(id, signal) {
      const record = await store.take(id)
      if (!record) return 'nothing'
      const tenure = createTenure(kernel, store, record)
      const kind = kinds.find(({ name }) => name === record.kind)
      try {
        const hopeless = whyHopeless(record, kind)
        if (kind && hopeless === undefined) return await turn(kernel, store, kind, tenure, signal)
        await tenure.settle('failed', hopeless)
        return 'ended'
      } catch (error) {
        if (error instanceof TenureLost) return 'nothing'
        return await stumble(tenure, error)
      }
    },
  }
}

const turn = async (
  kernel: Kernel,
  store: OperationStore,
  kind: AnyOperationKind,
  tenure: Tenure,
  signal: AbortSignal,
): Promise<RunEnd> => {
  const work = workOf(kind, tenure, signal)
  const asked = (): Stop | undefined => tenure.record.wanted ?? (signal.aborted ? 'leave' : undefined)
  const inTurn = (): (() => Stop | undefined) => {
    const until = kernel.clock.now() + TURN_MS
    return () => asked() ?? (kernel.clock.now() >= until ? 'leave' : undefined)
  }
  const common = { kernel, store, tenure, work }
  if (isStepping(kind)) return conclude(tenure, await stepOn({ ...common, kind, stop: inTurn() }))
  const run: Run = { ...common, kind, stop: asked }
  // Choosing begins anew when it is broken off: with a turn that ends, a long one would never come to its end.
  const stopped = await selectAll(run)
  return conclude(tenure, stopped ?? (await applyAll({ ...run, stop: inTurn() })))
}

const isStepping = (kind: AnyOperationKind): kind is AnySteppingKind => 'steps' in kind

const workOf = (kind: AnyOperationKind, tenure: Tenure, signal: AbortSignal): Work<unknown> => {
  const { id, asker, createdAt, undoes, params } = tenure.record
  const failed = (): number => tenure.record.failed
  return { id, asker, createdAt, undoes, signal, failed, params: (kind.params as z.ZodType).parse(params) }
}

const conclude = async (tenure: Tenure, stopped: Standing): Promise<RunEnd> => {
  const { failed, done } = tenure.record
  if (stopped === undefined)
    await tenure.settle(failed === 0 ? 'succeeded' : done === 0 ? 'failed' : 'partially_succeeded')
  else if (stopped === 'cancel') await tenure.settle('cancelled', 'It was cancelled.')
  else if (stopped === 'pause') await tenure.settle('paused')
  else if (stopped !== 'leave' && 'failure' in stopped) await tenure.settle('failed', stopped.failure)
  else if (stopped !== 'leave') await tenure.settle('paused', stopped.reason)
  else {
    await tenure.release()
    return 'goes_on'
  }
  return 'ended'
}

/** Processes that die of an operation must not do so for ever. */
const whyHopeless = (
  { kind: name, tries }: OperationRecord,
  kind: AnyOperationKind | undefined,
): string | undefined => {
  if (kind === undefined) return `No kind of operation is called ${name} in this version.`
  return tries > TRIES_MAX ? `${TRIES_MAX} runs ended without getting on.` : undefined
}

/** What no further try can mend ends the operation, as does the last of the tries; else it is tried again. */
const stumble = async (tenure: Tenure, error: unknown): Promise<RunEnd> => {
  const isHopeless = isPermanent(error) || (isProblem(error) && error.kind !== 'unavailable')
  if (!isHopeless && tenure.record.tries < TRIES_MAX) throw error
  await tenure.settle('failed', error instanceof Error ? error.message.slice(0, 500) : 'It failed.')
  return 'ended'
}
