// Where the jobs of a schedule go.
import { findKind } from '../catalog/catalog.ts'
import type { Catalog } from '../catalog/kind.ts'
import type { ScheduleDefinition } from './definition.ts'

/** The queue of its kind of job, or the one it names; empty where nobody says so, as its kind has gone. */
export const queueOf = (
  catalog: Catalog,
  { job_name, queue }: Pick<ScheduleDefinition, 'job_name' | 'queue'>,
): string => findKind(job_name, catalog)?.queue ?? queue ?? ''
