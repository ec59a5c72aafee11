// npm run bench: measures k1n beside its floors, row by row of the scoreboard; see docs/guides/benchmarks.md.
import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { createLoadMeter, describeMachine } from './bench/machine.ts'
import { reportOf, textOf } from './bench/print.ts'
import type { Report } from './bench/print.ts'
import { openBench } from './bench/row.ts'
import type { Row } from './bench/row.ts'
import { rows } from './bench/rows.ts'
import { takeLock } from './start/lock.ts'
import { commandOf } from './start/pid.ts'

const usage = `npm run bench [-- ROW … [--json FILE]]   rows: ${rows.map(({ id }) => id).join(' ')}`

/** Two loads at once would measure each other: one run at a time on a machine. */
const lockOrExit = (): (() => void) => {
  const dir = join(tmpdir(), 'k1n-bench')
  mkdirSync(dir, { recursive: true })
  const attempt = takeLock(dir, (pid) => commandOf(pid).includes('bench.ts'))
  if (attempt.taken) return attempt.lock.release
  process.stderr.write(`A benchmark is running already (process ${attempt.holder.pid}).\n`)
  process.exit(1)
}

const runRow = async (row: Row): Promise<Report> => {
  const load = createLoadMeter()
  const bench = openBench(load)
  const begun = performance.now()
  try {
    const finding = await row.run(bench)
    return reportOf({ row, ...finding, load: load.read(), seconds: (performance.now() - begun) / 1_000 })
  } finally {
    await bench.end()
  }
}

const chosen = (ids: readonly string[]): readonly Row[] => {
  const unknown = ids.filter((id) => !rows.some((row) => row.id === id))
  if (unknown.length === 0) return ids.length === 0 ? rows : rows.filter(({ id }) => ids.includes(id))
  process.stderr.write(`There is no row ${unknown.join(', ')}.\n${usage}\n`)
  process.exit(1)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
})
if (values.help === true) {
  process.stdout.write(`${usage}\n`)
  process.exit(0)
}
const wanted = chosen(positionals)
const release = lockOrExit()
process.once('exit', release)
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

const machine = describeMachine()
process.stdout.write(`${machine}\n\n`)
const reports: Report[] = []
for (const row of wanted) {
  const report = await runRow(row)
  reports.push(report)
  process.stdout.write(`${textOf(report)}\n`)
}
if (values.json !== undefined)
  writeFileSync(
    values.json,
    `${JSON.stringify({ at: new Date().toISOString(), machine, rows: reports }, undefined, 2)}\n`,
  )
// A row that misses a bar is a defect; one without a verdict is to be run again on a quieter machine.
process.exit(reports.some(({ verdict }) => verdict === 'misses') ? 2 : 0)
