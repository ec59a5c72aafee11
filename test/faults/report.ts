// The table of a run, for people.
import type { Figure } from './fault.ts'
import type { FaultReport } from './run-fault.ts'

const target = ({ most, least }: Figure): string =>
  most !== undefined ? ` (≤ ${most})` : least !== undefined ? ` (≥ ${least})` : ''

const shown = (figure: Figure): string =>
  `${figure.name} ${figure.value} ${figure.unit}${target(figure)}`.replace('  ', ' ')

/** One fault: a line, its figures, and every promise that was broken. */
export const lines = (report: FaultReport): string => {
  const { id, title, seconds, seed, verdict, because, violations, figures, dir } = report
  const head = `${id}  ${verdict.padEnd(7)} ${seconds.toFixed(1).padStart(6)} s  seed ${seed}  ${title}`
  return [
    head,
    ...(because === undefined ? [] : [`       ${because}`]),
    ...figures.map((figure) => `       ${shown(figure)}`),
    ...violations.map(({ rule, text }) => `     ✗ (${rule}) ${text}`),
    ...(dir === undefined ? [] : [`       logs and ledgers are in ${dir}`]),
  ].join('\n')
}

export const summary = (reports: readonly FaultReport[]): string => {
  const count = (verdict: FaultReport['verdict']): number =>
    reports.filter((report) => report.verdict === verdict).length
  return `${count('held')} held, ${count('broken')} broken, ${count('skipped')} skipped`
}
