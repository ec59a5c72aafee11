// The loads that faults run under.
import { readExecutions } from '../support/ledger.ts'
import type { Wanted } from '../support/producers.ts'
import type { Stage } from '../support/stage.ts'
import { until } from '../support/until.ts'

/** Jobs that take between so many ms; every tenth fails once first, so that retries are always under way. */
export const workFor =
  (fromMs: number, toMs: number, failing = 10) =>
  (key: string, n: number): Wanted => ({
    name: 'fault.work',
    data: {
      key,
      takes_ms: fromMs + ((n * 37) % Math.max(1, toMs - fromMs + 1)),
      fails_until: failing > 0 && n % failing === failing - 1 ? 1 : 0,
    },
  })

/** Resolves when jobs have been done by every worker process and the stream tells of them. */
export const steady = async (stage: Stage): Promise<void> => {
  const done = () => readExecutions(stage.ledgers.executions).filter(({ how }) => how === 'done')
  await until('jobs are being done', () => done().length >= 20, 20_000, 100)
  await until('the stream tells of them', () => (stage.listener?.ids.length ?? 0) >= 20, 20_000, 100)
  await stage.weigh()
}
