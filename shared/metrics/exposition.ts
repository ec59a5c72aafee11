// Figures as Prometheus reads them: the text format 0.0.4.

export type Labels = Readonly<Record<string, string>>

export interface Sample {
  /** What follows the family's name, such as `_bucket`. */
  suffix?: string
  labels?: Labels
  value: number
}

/** Figures of one name. Names begin with `k1n_`, in base units; counters end in `_total`. */
export interface Family {
  name: string
  help: string
  type: 'counter' | 'gauge' | 'histogram'
  samples: readonly Sample[]
}

/** A family of one figure, or of one for each set of labels. */
export const family = (
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  samples: number | readonly Sample[],
): Family => ({ name, help, type, samples: typeof samples === 'number' ? [{ value: samples }] : samples })

const escapeHelp = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
/** Names of queues and services may be any text. */
const escapeLabel = (text: string): string => escapeHelp(text.toWellFormed()).replaceAll('"', '\\"')

const labelsText = (labels: Labels | undefined): string => {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}="${escapeLabel(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const valueText = (value: number): string =>
  Number.isNaN(value) ? 'NaN' : Number.isFinite(value) ? String(value) : value > 0 ? '+Inf' : '-Inf'

const linesOf = ({ name, help, type, samples }: Family): string[] => [
  `# HELP ${name} ${escapeHelp(help)}`,
  `# TYPE ${name} ${type}`,
  ...samples.map(({ suffix = '', labels, value }) => `${name}${suffix}${labelsText(labels)} ${valueText(value)}`),
]

/** The whole text. Families without a sample are left out. */
export const exposition = (families: readonly Family[]): string =>
  families
    .filter(({ samples }) => samples.length > 0)
    .flatMap(linesOf)
    .join('\n') + '\n'
