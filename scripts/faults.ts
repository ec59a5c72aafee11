// npm run faults: breaks k1n in every way the programme knows and judges what is left. `-- --only F07,F11 --seed n --report out.json`
import { randomInt } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { faults } from '../test/faults/faults.ts'
import { lines, summary } from '../test/faults/report.ts'
import { runFault } from '../test/faults/run-fault.ts'
import type { FaultReport } from '../test/faults/run-fault.ts'

const options = { only: { type: 'string' }, seed: { type: 'string' }, report: { type: 'string' } } as const

const chosen = (only: string | undefined) => {
  if (only === undefined) return faults
  const ids = only.split(',').map((id) => id.trim().toUpperCase())
  const strangers = ids.filter((id) => !faults.some((fault) => fault.id === id))
  if (strangers.length > 0)
    throw new Error(`there is no fault ${strangers.join(', ')}; there are ${faults.map(({ id }) => id).join(', ')}`)
  return faults.filter(({ id }) => ids.includes(id))
}

const seedOf = (text: string | undefined): number => {
  const seed = text === undefined ? randomInt(1, 1_000_000) : Number(text)
  if (!Number.isSafeInteger(seed) || seed < 0) throw new Error('a seed is a whole number')
  return seed
}

try {
  const { values } = parseArgs({ options })
  const seed = seedOf(values.seed)
  const reports: FaultReport[] = []
  for (const fault of chosen(values.only)) {
    const report = await runFault(fault, seed)
    reports.push(report)
    console.log(lines(report))
  }
  console.log(`\n${summary(reports)} (seed ${seed})`)
  if (values.report !== undefined)
    writeFileSync(values.report, JSON.stringify({ seed, faults: reports }, null, 2) + '\n')
  process.exitCode = reports.some(({ verdict }) => verdict === 'broken') ? 1 : 0
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
